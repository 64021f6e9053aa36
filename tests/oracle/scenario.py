"""What a scenario is: a short history told line by line, with what must come of each line.

    Scenario("a scan before COMMISSION is refused until COMMISSION arrives", [
        saw("REJECTED UNKNOWN_UNIT", "STORE", 10),
        saw("ACCEPTED NONE -> STORED", "COMMISSION", 0),
    ], revisions=["s1 ACCEPTED NONE by s2"])

Line 1 is s1, line 2 is s2, …, also as scan_id unless a line says otherwise; the sites are loaded before, as ordinal 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from tests.oracle.arrivals import RECEIVED_AT, RETAIL_KEY, Arrival, a_scan, a_site_load, an_internal, arrived

_OWN_KEY = b"the unit key of the scan"


@dataclass(frozen=True)
class Line:
    """One record and what must come of it: `OUTCOME REASON`, perhaps ` -> STATE_AFTER`; of an act `RESULT REASON`."""

    expect: str
    arrival: Arrival


@dataclass(frozen=True)
class Scenario:
    """A history of one partition and everything it must lead to."""

    name: str
    lines: Sequence[Line]
    revisions: Sequence[str] = ()  # "s1 REJECTED RETRACTED by s3", in order
    alerts: Sequence[str] = ()  # "s2 SEEN_AFTER_END OPENED 1 count 1", in order
    unit: dict[str, Any] | None = None  # fields of the first line's unit at the end
    partitions: int = 1
    partition: int = 0

    @property
    def arrivals(self) -> list[Arrival]:
        """The records with their scan_ids, the load of the sites first."""
        return [a_site_load(), *(_named(line.arrival, at) for at, line in enumerate(self.lines, start=1))]


def ordinal_of(label: str) -> int:
    """Returns the ordinal of line s1, s2, …"""
    return int(label[1:]) + 1


def label_of(ordinal: int) -> str:
    """Returns s1 for ordinal 2, and so on."""
    return f"s{ordinal - 1}"


def saw(
    expect: str,
    step: str,
    minute: float,
    site: str = "berlin",
    *,
    key: str = RETAIL_KEY,
    record_key: bytes | None = _OWN_KEY,
    received_at: int = RECEIVED_AT,
    **fields: object,
) -> Line:
    """Returns a line with a scan of the unit `key`; `record_key` and `received_at` are the broker's."""
    scan = a_scan(key, step, minute, **({"scan_id": "", "site": site} | fields))
    arrival = arrived(scan, received_at)
    return Line(expect, arrival if record_key is _OWN_KEY else replace(arrival, key=record_key))


def acted(expect: str, kind: str, alert: str, opening: int = 1, key: str = RETAIL_KEY) -> Line:
    """Returns a line with a person's act on an alert."""
    content = {"kind": alert, "opening": opening, "reason": "looked at it"}
    return Line(expect, an_internal(f"ALERT_{kind}", key, content))


def loaded(expect: str, arrival: Arrival) -> Line:
    """Returns a line with reference data."""
    return Line(expect, arrival)


def _named(arrival: Arrival, at: int) -> Arrival:
    if not arrival.is_scan or arrival.record["scan_id"]:
        return arrival
    return replace(arrival, record=arrival.record | {"scan_id": f"s{at}"})
