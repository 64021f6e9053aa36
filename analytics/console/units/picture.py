"""What is known of one unit: as it stands now, or as the ledger knew it at a time.

Flow: a unit key, a time -> the answers of the questions `unit_*`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from analytics.labels import labels_known, standing_now
from analytics.lifecycles import ending_steps, lifecycles_in_force
from analytics.questions import ALWAYS, Row, as_parameter, ask, ask_at_once
from analytics.warranties import Warranty, warranty_of
from pipeline.domain.flags import FLAGS
from pipeline.domain.lifecycle import Lifecycle
from pipeline.domain.unit_key import UnitKey
from pipeline.warehouse.client import Warehouse

SCANS_SHOWN: Final = 200
MOMENTS_KEPT: Final = 500
MOST_LISTED: Final = 100
_LAST: Final = 2**62
_STANDING_IN: Final = ("REPLACE", "RELABEL")


class Before(NamedTuple):
    """Where a page of scans begins: with those before this time and ordinal."""

    event_ms: int = _LAST
    ordinal: int = _LAST


@dataclass(frozen=True)
class Picture:
    """All that the page of a unit shows.

    Shape: `standing` is the row of `unit_standing`, of a time past that of `unit_known_state`; None where the ledger
    keeps nothing of the unit. `scans` are rows of `unit_known`, the newest first, all of them where `is_whole`;
    `following` is where the next page of them begins. `moments` are times at which something became known, the earliest
    first.
    """

    key: UnitKey
    known: datetime | None
    standing: Row | None
    scans: list[Row]
    is_whole: bool
    following: Before | None
    moments: list[datetime]
    alerts: list[Row]
    warranty: Warranty | None
    contents: list[Row]
    parts: list[Row]

    @property
    def is_known(self) -> bool:
        """Whether anything was ever seen or kept of the unit."""
        return bool(self.standing or self.scans or self.moments)

    @property
    def earlier(self) -> datetime | None:
        """The last moment before the time shown at which something became known: one step back."""
        if self.known is None:
            return self.moments[-2] if len(self.moments) > 1 else None
        return max((moment for moment in self.moments if moment < self.known), default=None)

    @property
    def later(self) -> datetime | None:
        """The next moment after the time shown; None where that is now."""
        return None if self.known is None else min((one for one in self.moments if one > self.known), default=None)


def picture(
    warehouse: Warehouse,
    key: UnitKey,
    known: datetime | None = None,
    before: Before | None = None,
    now: Row | None = None,
) -> Picture:
    """Ask all that there is of a unit.

    Args:
        warehouse: The ledger's.
        key: The unit.
        known: Only what had been received by then; None: all.
        before: Where the page of scans begins; None: with the newest.
        now: The row of `standing_now` where that has been asked already; None: it is asked here.

    Raises: WarehouseDown, WarehouseRefused.
    """
    named, start = {"item": key.item, "serial": key.serial}, before or Before()
    until = known or ALWAYS
    then: Row = {**named, "known": as_parameter(until)}
    place = {"before_ms": start.event_ms, "before_ordinal": start.ordinal}
    rows, learnt, alerts, parts, *retired = ask_at_once(
        warehouse,
        ("unit_known", then | place | {"most": SCANS_SHOWN + 1}),
        ("unit_moments", named | {"most": MOMENTS_KEPT}),
        ("unit_alerts", then | {"is_now": known is None, "most": MOST_LISTED}),
        ("unit_parts", then | {"unit": key.text, "most": MOST_LISTED + 1}),
        *([("labels_retired", {"units": [key.text]})] if known is None else []),
    )
    moments, shown = [row["moment"] for row in learnt], rows[:SCANS_SHOWN]
    is_whole = before is None and len(rows) <= SCANS_SHOWN
    has_owners = not is_whole or any(row["step"] == "TRANSFER" for row in rows)
    now = now or standing_now(warehouse, key)
    if known is None:
        standing, contents = _now(warehouse, key, now, has_owners=has_owners)
        standing = standing and standing | {"labels": [row["label"] for row in retired[0]]}
    else:
        standing, contents = _then(warehouse, key, now, known)
    return Picture(
        key=key,
        known=known,
        standing=standing,
        scans=shown,
        is_whole=is_whole,
        following=Before(shown[-1]["event_ms"], shown[-1]["ordinal"]) if len(rows) > SCANS_SHOWN else None,
        moments=moments[::-1],
        alerts=alerts,
        warranty=_warranty(warehouse, key, standing, until, parts) if standing and standing.get("lifecycle") else None,
        contents=contents[:MOST_LISTED],
        parts=parts[:MOST_LISTED],
    )


def _warranty(warehouse: Warehouse, key: UnitKey, standing: Row, until: datetime, parts: list[Row]) -> Warranty | None:
    """Return the warranty of a unit; one that no other names stands in for none, and need not be looked for."""
    is_named = len(parts) > MOST_LISTED or any(row["step"] in _STANDING_IN for row in parts)
    return warranty_of(warehouse, key, standing, until, is_alone=not is_named and standing["alias_of"] is None)


def _now(warehouse: Warehouse, key: UnitKey, now: Row | None, *, has_owners: bool) -> tuple[Row | None, list[Row]]:
    """Return a unit as it stands, and what is in it; of a unit never transferred no owners are asked for."""
    if now is None:
        return None, []
    # no step that is asked for ends a life
    asked: Row = {"item": key.item, "serial": key.serial, "known": as_parameter(ALWAYS), "ending_steps": []}
    owners = ask(warehouse, "unit_owners", **asked)[0] if has_owners else {"owners": []}
    contents = ask(warehouse, "unit_contents", unit=key.text, most=MOST_LISTED) if now["members"] else []
    return now | owners, contents


def _then(warehouse: Warehouse, key: UnitKey, now: Row | None, known: datetime) -> tuple[Row | None, list[Row]]:
    """Return a unit as it was known at a time, and what was known to be in it."""
    lifecycles = lifecycles_in_force(warehouse, known)
    lifecycle = lifecycles.get(now["lifecycle"]) if now else None
    asked: Row = {"item": key.item, "serial": key.serial, "known": as_parameter(known)}
    terminal = [(name, state) for name, one in lifecycles.items() for state in one.terminal]
    ending = [(name, step) for name, one in lifecycles.items() for step in ending_steps(one)]
    inside = ask(warehouse, "unit_known_inside", unit=key.text, **asked, terminal=terminal, ending_steps=ending)
    contents = [
        row | {"how": "packed" if row["container"] == key.text else "installed"}
        for row in inside
        if row["unit_key"] != key.text
    ]
    asked["ending_steps"] = ending_steps(lifecycle) if lifecycle else []
    standing = _first(ask(warehouse, "unit_known_state", **asked))
    if standing is None:
        return None, contents
    labels = labels_known(warehouse, key.text, known)
    marks = _marks(warehouse, key, lifecycle, known)
    own = next((row for row in inside if row["unit_key"] == key.text), {"container": "", "parent": ""})
    return standing | {
        "container": own["container"],
        "parent": own["parent"],
        "members": len(contents),
        "lifecycle": now["lifecycle"] if now else "",
        "alias_of": labels.following,
        "labels": labels.retired,
        **{name: marks[name] for name in ("custody", "flags", "expiry", "owners")},
    }, contents


def _marks(warehouse: Warehouse, key: UnitKey, lifecycle: Lifecycle | None, known: datetime) -> Row:
    """Return who had custody of a unit and owned it, its flags and its expiry, as known at a time."""
    custody = lifecycle.custody if lifecycle else {}
    asked: Row = {"item": key.item, "serial": key.serial, "unit": key.text, "known": as_parameter(known)}
    asked["ending_steps"] = ending_steps(lifecycle) if lifecycle else []
    asked["handing"] = [step for step, how in custody.items() if how != "keep"]
    asked["taking"] = [step for step, how in custody.items() if how == "take"]
    asked["giving"] = [step for step, how in custody.items() if how == "give"]
    return ask(warehouse, "unit_known_marks", **asked, flags=list(FLAGS))[0]


def _first(rows: list[Row]) -> Row | None:
    return rows[0] if rows else None
