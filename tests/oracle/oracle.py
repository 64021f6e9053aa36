"""The oracle of one partition: every record in, every decision, revision, act, alert and unit out.

    oracle = Oracle(partitions=4, app_partition=0, skew_ms=600_000)
    oracle.scan(scan, key=b"sku:A/B/1", partition=0, offset=7, ordinal=8, received_at=1_700_000_000_000)
    oracle.decisions[8]["outcome"], oracle.units["sku:A/B/1"]["state"]

It is slow on purpose: dicts and lists, one record at a time, everything looked up anew.
"""

import json
from typing import Any

from tests.oracle.derived import is_derived_id
from tests.oracle.facts import Fact
from tests.oracle.identifiers import is_identifier
from tests.oracle.reference import Reference
from tests.oracle.routing import partition_of
from tests.oracle.rules import Record
from tests.oracle.unit import UNTOUCHED, Unit

_REFERENCE_KINDS = ("SITES", "LIFECYCLE", "MODES")


class Oracle:
    """One partition's ledger; records are given in the order of their ordinals. `known` holds the units as they are."""

    def __init__(self, partitions: int, app_partition: int, skew_ms: int, reference: Reference | None = None) -> None:
        self.partitions, self.partition, self.skew_ms = partitions, app_partition, skew_ms
        self.reference = reference or Reference.built_in()
        self.decisions: dict[int, Record] = {}
        self.revisions: list[Record] = []
        self.acts: dict[int, Record] = {}
        self.alerts: list[Record] = []
        self.known: dict[str, Unit] = {}

    @property
    def units(self) -> dict[str, Record]:
        """The units that anything has ever been remembered of, as unit records without the fold's bytes."""
        return {key: {**unit.summary(), "partition": self.partition} for key, unit in self.known.items()}

    def newest(self, ordinal: int) -> Record:
        """Returns the decision that holds: the verdict, or its revision of the highest sequence."""
        revisions = [revision for revision in self.revisions if revision["ordinal"] == ordinal]
        return max(revisions, key=lambda revision: revision["sequence"], default=self.decisions[ordinal])

    def scan(
        self,
        record: Record,
        key: bytes | None,
        partition: int,
        offset: int,
        ordinal: int,
        received_at: int,
        *,
        is_internal: bool = False,
    ) -> Record:
        """Decide one scan of `scans`, or of `internal`; returns its decision as first made."""
        origin = {"partition": partition, "offset": offset, "ordinal": ordinal}
        known = {"reference_version": self.reference.version, "received_at": received_at}
        broken = self._broken_contract(record, key, received_at, is_internal)
        if broken:
            states = {"state_before": "", "state_after": "", "sequence": 0}
            told = {"outcome": "REJECTED", "reason": broken, **states, **UNTOUCHED}
        else:
            told = self._take(record, ordinal, known)
        self.decisions[ordinal] = {**told, **known, **origin}
        return self.decisions[ordinal]

    def internal(self, record: Record, ordinal: int, received_at: int) -> Record:
        """Act on one internal record; returns the act."""
        if record["kind"] in _REFERENCE_KINDS:
            result, reason = self._load(record)
        else:
            result, reason = self._act_on_alert(record, ordinal, received_at)
        told = {name: record[name] for name in ("id", "kind", "subject", "author", "content", "base")}
        self.acts[ordinal] = {
            **told,
            "partition": self.partition,
            "ordinal": ordinal,
            "n": 0,
            "received_at": received_at,
            "result": result,
            "reason": reason,
            "reference_version": self.reference.version,
        }
        return self.acts[ordinal]

    def _broken_contract(self, scan: Record, key: bytes | None, received_at: int, is_internal: bool) -> str:
        unit_key = unit_key_of(scan)
        if key != unit_key.encode():
            return "MISKEYED"
        if partition_of(key, self.partitions) != self.partition:
            return "MISROUTED"
        if not is_identifier(scan["item"], scan["serial"]):
            return "BAD_IDENTIFIER"
        if (scan["origin"] == "DERIVED") != is_internal or (is_internal and not is_derived_id(scan["scan_id"])):
            return "BAD_ORIGIN"
        if scan["event_time"] > received_at + self.skew_ms:
            return "FUTURE_TIME"
        return "BAD_TIME" if scan["event_time"] < 0 else ""

    def _take(self, scan: Record, ordinal: int, known: Record) -> Record:
        key = unit_key_of(scan)
        unit = self.known.get(key) or Unit(key, self.reference)
        outcome = unit.take(scan, ordinal)
        if unit.sequence:
            self.known[key] = unit
        for n, fact in enumerate(outcome.revised):
            self.revisions.append(self._revision(fact, unit, {"caused_by": ordinal, "n": n, **known}))
        cause = {"site": scan["site"], "event_time": scan["event_time"], "author": "", "reason": ""}
        self._tell(outcome.alerts, {**cause, **known, "ordinal": ordinal, "sequence": unit.sequence})
        return outcome.decision

    def _revision(self, fact: Fact, unit: Unit, known: Record) -> Record:
        names = {"item": fact.scan["item"], "serial": fact.scan["serial"]}
        place = {"partition": self.partition, "ordinal": fact.ordinal, "sequence": unit.sequence}
        return {**names, **place, **fact.decision, **known}

    def _tell(self, alerts: list[Record], cause: Record) -> None:
        for n, alert in enumerate(alerts):
            self.alerts.append({**alert, **cause, "partition": self.partition, "n": n})

    def _load(self, record: Record) -> tuple[str, str]:
        if record["base"] != self.reference.version:
            return "REFUSED", "base"
        load = {
            "SITES": self.reference.load_sites,
            "LIFECYCLE": self.reference.load_lifecycle,
            "MODES": self.reference.load_modes,
        }
        why_not = load[record["kind"]](record["content"])
        return ("REFUSED", why_not) if why_not else ("APPLIED", "")

    def _act_on_alert(self, record: Record, ordinal: int, received_at: int) -> tuple[str, str]:
        try:
            asked = _alert_content(record["content"])
        except (ValueError, KeyError, TypeError):
            return "REFUSED", "content"
        unit = self.known.get(record["subject"])
        if unit is None:
            return "STALE", "opening"
        why_not, alerts = unit.act(asked["kind"], record["kind"], asked["opening"], ordinal)
        if why_not:
            return "STALE", why_not
        cause = {"site": "", "event_time": None, "author": record["author"], "reason": asked["reason"]}
        known = {"received_at": received_at, "reference_version": self.reference.version}
        self._tell(alerts, {**cause, **known, "ordinal": ordinal, "sequence": unit.sequence})
        return "APPLIED", ""


def unit_key_of(scan: Record) -> str:
    """Returns the unit key a scan names."""
    return f"{scan['item']}/{scan['serial']}" if scan["item"] else str(scan["serial"])


def _alert_content(content: str) -> dict[str, Any]:
    asked = json.loads(content)
    return {"kind": str(asked["kind"]), "opening": int(asked["opening"]), "reason": str(asked["reason"])}
