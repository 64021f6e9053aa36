"""An event becomes scans: one per unit and role, each with the same id whenever the event comes again.

Flow: a captured event -> its scans, and how many of its identifiers name no single unit.

An event declared wrong makes its own scans, which are REPEATED where they are known, and a VOID of each at the time of
the declaration: so it is taken back whether it came before, comes later or never.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from pipeline.capture.epcis.alarms import Alarm, alarm_of
from pipeline.capture.epcis.event import Captured
from pipeline.capture.epcis.events import AnyEvent, ForeignEvent, TransformationEvent
from pipeline.capture.epcis.master_data import Batch, batch_of, batch_of_unit
from pipeline.capture.epcis.names import Prefixes
from pipeline.capture.epcis.roles import Role, roles_of
from pipeline.capture.epcis.scan import EventScan, scan_id
from pipeline.capture.epcis.sensed import ALARM, ERROR, Sensed, sensed_by
from pipeline.capture.epcis.setting import Setting, flags_of, setting_of, shortened
from pipeline.capture.epcis.steps import Steps
from pipeline.capture.epcis.things import Things, Unit, fitted
from pipeline.domain.identifiers.canonical import link_of
from pipeline.wire.scan_fields import CAPS

_QUANTITIES: Final = ("quantity_list", "child_quantity_list", "input_quantity_list", "output_quantity_list")
_DEVICE_CONDITION: Final = "non_conformant"
"""Of a device that reports itself in error: a flag until its next event that states a disposition."""


@dataclass
class Made:
    """What an event comes to."""

    scans: list[EventScan] = field(default_factory=list)
    alarm: Alarm | None = None
    """What its sensors report, if they report an alarm."""
    no_unit: int = 0
    """Identifiers that name a class, a pattern or a quantity; those that cannot be read are not among them."""


@dataclass(frozen=True)
class ScanMaker:
    """Makes the scans of events."""

    things: Things
    steps: Steps
    only_site: str | None = None

    def make(self, captured: Captured) -> Made:
        """Return the scans of an event, in the order in which they are to be sent."""
        said = captured.said
        if isinstance(said, ForeignEvent):
            return Made()
        made = _Making(self, captured, said).make()
        if (declared := captured.declaration_time) is not None:
            reason = said.error_declaration.reason if said.error_declaration else None
            made.scans += [_void(scan, declared, reason) for scan in made.scans]
            made.alarm = made.alarm.declared_wrong() if made.alarm else None
        return made


class _Making:
    """One event on its way to scans."""

    def __init__(self, maker: ScanMaker, captured: Captured, said: AnyEvent) -> None:
        self._things, self._said, self._identity = maker.things, said, captured.identity
        self._event_time = captured.event_time
        self._year = int(str(np.datetime64(captured.event_time, "ms").astype("datetime64[Y]")))
        self._setting: Setting = setting_of(said, maker.things, maker.only_site)
        self._sensed: Sensed = sensed_by(said.sensor_element_list)
        self._flags = flags_of(said)
        self._batch = batch_of(getattr(said, "ilmd", None), Prefixes.of_context(*captured.contexts))
        self._roles = roles_of(said, maker.steps, maker.things)
        self._made = Made()
        self._names: list[str] = []
        """Of the roles of the scans made."""
        self._seen: set[tuple[str, str]] = set()

    def make(self) -> Made:
        """Return all scans."""
        self._made.no_unit = sum(len(getattr(self._said, name, None) or []) for name in _QUANTITIES)
        for role in self._roles:
            unit = self._things.unit(role.epc)
            if unit is None:
                self._made.no_unit += self._things.unread(role.epc) is None
            elif (unit.key, role.name) not in self._seen:
                self._seen.add((unit.key, role.name))
                self._made.scans.append(self._scan(role, unit))
                self._names.append(role.name)
        if self._said.sensor_element_list:
            self._sense()
        return self._made

    def _scan(self, role: Role, unit: Unit) -> EventScan:
        batch = self._batch if role.is_made else Batch(None, None)
        own = batch_of_unit(unit.attributes, self._year)
        step, container, other, location = self._with(role, unit)
        document = self._setting.document(step)
        attributes = {**self._setting.attributes, **role.attributes, **self._setting.other_documents(step)}
        if isinstance(self._said, TransformationEvent):
            batch_id = self._said.transformation_id
            attributes["transformation"] = link_of(batch_id) if batch_id else self._identity
        said = self._said.disposition
        return EventScan(
            scan_id=scan_id(self._identity, unit.key, role.name),
            key=unit.key,
            step=step,
            event_time=self._event_time,
            site=self._setting.place.site,
            event=fitted(self._identity, CAPS["event"]),
            destination=self._setting.destination,
            location=location or self._setting.place.location,
            document=document,
            container=container,
            other_unit=other,
            lot=batch.lot or own.lot,
            expiry=own.expiry if batch.expiry is None else batch.expiry,
            condition=fitted(said, CAPS["condition"]) if said else None,
            flags_set=self._flags[0],
            flags_unset=self._flags[1],
            attributes=shortened(attributes | self._sensed.attributes),
        )

    def _with(self, role: Role, unit: Unit) -> tuple[str, str | None, str | None, str | None]:
        """Return step, container, other unit and location of a role; a counterpart that is no unit is left out."""
        container = self._things.unit(role.container) if role.container else None
        if role.step == "PACK" and (container is None or container.key == unit.key):
            return "OBSERVE", None, None, None
        if role.other is not None and self._things.is_place(role.other):
            place = self._things.place(role.other)
            return role.step, None, None, place.location or place.site
        other = self._things.unit(role.other) if role.other else None
        is_all = role.name == "parent"  # all leave: the one thing that may be its own counterpart
        keys = [one.key if one is not None and (is_all or one.key != unit.key) else None for one in (container, other)]
        return role.step, keys[0], keys[1], None

    def _sense(self) -> None:
        """Say what sensors say of the place where no unit is named; mark one scan of an alarm, and devices in error."""
        uri = self._setting.place_uri
        key = self._things.place_key(uri) if uri and not self._made.scans else None
        if key is not None and uri is not None:
            self._made.scans.append(self._scan(Role(uri, "place", "OBSERVE"), Unit(key, {})))
        if self._sensed.is_alarm:
            self._alarm()
        self._made.scans += list(self._devices())

    def _alarm(self) -> None:
        """Tell of the alarm once: of the parent, else of the first unit, else of the place; mark the scan of that."""
        scans, bearer = self._made.scans, None
        if scans:
            chosen = self._names.index("parent") if "parent" in self._names else 0
            bearer = scans[chosen]
            scans[chosen] = replace(bearer, attributes=(*bearer.attributes, ("sensor_exception", ALARM)))
        event = self._identity, self._event_time
        self._made.alarm = alarm_of(self._sensed, event, bearer, self._setting.place.site)

    def _devices(self) -> Iterator[EventScan]:
        for device in self._sensed.devices_in_error:
            unit = self._things.unit(device)
            if unit is not None:
                scan = self._scan(Role(device, "device", "OBSERVE", attributes={"sensor_exception": ERROR}), unit)
                yield replace(scan, condition=_DEVICE_CONDITION, flags_set=None, flags_unset=None, document=None)


def _void(scan: EventScan, declared: int, reason: str | None) -> EventScan:
    """Return what takes a scan back."""
    told = shortened({"reason": reason}) if reason else ()
    return EventScan(
        scan_id=scan_id(scan.event, scan.scan_id, "void"),
        key=scan.key,
        step="VOID",
        event_time=declared,
        site=scan.site,
        event=scan.event,
        corrects=scan.scan_id,
        origin="CORRECTION",
        attributes=told,
    )
