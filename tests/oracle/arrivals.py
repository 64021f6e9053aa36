"""Records as they arrive in one partition, with builders that fill what a test does not care about."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace

from tests.oracle.oracle import Oracle, unit_key_of
from tests.oracle.rules import Record

T0 = 1_700_000_000_000  # the minute 0 of every test
MINUTE = 60_000
RECEIVED_AT = T0 + 400 * 24 * 60 * MINUTE  # later than every event_time unless a test says so
SKEW_MS = 10 * MINUTE
RETAIL_KEY = "sku:ACME/PUMP/1"
ASSET_KEY = "asset:ACME/DRIVE/1"

SITES: dict[str, tuple[float | None, float | None]] = {
    "berlin": (52.52, 13.405),
    "potsdam": (52.40, 13.06),  # 27 km from berlin: never checked
    "munich": (48.137, 11.575),  # 504 km from berlin: 33.6 minutes by air, 23.6 allowed
    "afloat": (None, None),  # known, but nowhere
}


@dataclass(frozen=True)
class Arrival:
    """One record of `scans` or `internal` with what the broker says of it."""

    record: Record
    key: bytes | None
    is_scan: bool = True
    received_at: int = RECEIVED_AT
    is_derived: bool = False
    """Whether it is a scan that came in `internal`, as those do that the ledger derives itself."""

    @property
    def is_internal(self) -> bool:
        """Whether it came in `internal`."""
        return self.is_derived or not self.is_scan


def a_scan(key: str = RETAIL_KEY, step: str = "COMMISSION", minute: float = 0, **fields: object) -> Record:
    """Returns a whole scan record of a unit; `minute` counts from T0."""
    item, _, serial = key.rpartition("/")
    event_time = T0 + round(minute * MINUTE)
    scan: Record = {"scan_id": f"{step}@{minute}", "item": item, "serial": serial, "step": step}
    scan |= {"event_time": event_time, "capture_time": event_time, "site": "berlin"}
    scan |= dict.fromkeys(("destination", "location", "reader", "operator", "document", "container", "other_unit"))
    scan |= {"lot": None, "expiry": None, "condition": None, "origin": "DEVICE", "corrects": None, "source": None}
    scan |= {"receipt": None, "attributes": [], "flags_set": None, "flags_unset": None, "event": None}
    return scan | fields


def arrived(scan: Record, received_at: int = RECEIVED_AT) -> Arrival:
    """Returns the scan as it arrives, under its own unit key."""
    return Arrival(scan, unit_key_of(scan).encode(), received_at=received_at)


def derived(scan: Record, received_at: int = RECEIVED_AT) -> Arrival:
    """Returns the scan as it arrives from the ledger itself, in `internal`."""
    return replace(arrived(scan | {"origin": "DERIVED"}, received_at), is_derived=True)


def an_internal(kind: str, subject: str, content: object, base: int = -1) -> Arrival:
    """Returns a record of our own processes as it arrives."""
    text = content if isinstance(content, str) else json.dumps(content)
    record: Record = {"id": f"{kind}-{subject}", "kind": kind, "subject": subject, "base": base, "author": "ada"}
    record |= {"sent_at": RECEIVED_AT, "content": text}
    return Arrival(record, subject.encode(), is_scan=False)


def a_site_load(base: int = 0, sites: dict[str, tuple[float | None, float | None]] | None = None) -> Arrival:
    """Returns a load of sites, by default of all of `SITES`."""
    chosen = SITES if sites is None else sites
    rows = [{"name": name, "latitude": at[0], "longitude": at[1], "kind": "shop"} for name, at in chosen.items()]
    return an_internal("SITES", "sites", rows, base)


def play(arrivals: Iterable[Arrival], partitions: int = 1, partition: int = 0) -> Oracle:
    """Returns the oracle after all arrivals; ordinals count from 1, offsets per topic from 0."""
    oracle = Oracle(partitions, partition, SKEW_MS)
    offsets = {True: 0, False: 0}
    for ordinal, arrival in enumerate(arrivals, start=1):
        offset = offsets[arrival.is_internal]
        offsets[arrival.is_internal] += 1
        if arrival.is_scan:
            given = (partition, offset, ordinal, arrival.received_at)
            oracle.scan(arrival.record, arrival.key, *given, is_internal=arrival.is_internal)
        else:
            oracle.internal(arrival.record, ordinal, arrival.received_at)
    return oracle
