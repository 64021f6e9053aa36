"""A ledger to look at: a simulated supply chain with planted faults, as the real fold decided it.

Its newest scan came in at NOW, which is the clock of the console in these tests: pages look the same on every day.
"""

import json
from datetime import UTC, datetime

from pipeline.simulate.plan import Plan
from pipeline.simulate.simulation import simulate
from pipeline.warehouse.client import Warehouse
from tests.folded_ledger import FoldedLedger
from tests.oracle.arrivals import a_site_load

NOW = int(datetime(2026, 11, 2, 9, 30, tzinfo=UTC).timestamp() * 1000)
SCANS = 12_000
SITES = 10
SILENT = "shop-6"
_DAY, _BURST_MS, _IN_BURST = 86_400_000, 290_000, 4_000
_LEDGER_BEGAN = NOW - 400 * _DAY


def seed(warehouse: Warehouse, scans: int = SCANS) -> FoldedLedger:
    """Fill an empty database; the last scans come in in the five minutes before NOW."""
    ledger = FoldedLedger(warehouse)
    told = simulate(Plan.of_scans(scans, sites=SITES, seed=11, anomalies=0.04))
    batches = list(told.batches(scans))
    columns = ("name", "latitude", "longitude", "kind")
    sites = [dict(zip(columns, site, strict=True)) for site in told.world.sites()]
    ledger.internal(a_site_load().record | {"content": json.dumps(sites)}, _LEDGER_BEGAN)
    keys = [key for batch in batches for key in batch.keys]
    values = [value for batch in batches for value in batch.values]
    capture = [int(ms) for batch in batches for ms in batch.capture]
    ledger.scans(keys, values, arrivals(capture))
    for broken in (b"", b"no scan at all", values[0][:40]):
        ledger.bad_bytes(broken, NOW - 60_000)
    ledger.internal(a_finding("SILENT_SITE", f"site:{SILENT}", NOW - 3 * _DAY, longest_silence_before_hours="9"), NOW)
    return ledger


def arrivals(capture: list[int]) -> list[int]:
    """Return when each scan came in: as it was captured, but for the last ones, which came just now."""
    quiet = len(capture) - min(_IN_BURST, len(capture) // 2)
    received, last = [], 0
    for at, captured in enumerate(capture):
        burst = NOW - _BURST_MS + (at - quiet) * _BURST_MS // (len(capture) - quiet)
        last = max(last, captured if at < quiet else burst)
        received.append(last)
    return received


def a_finding(kind: str, subject: str, begins: int, **evidence: str) -> dict[str, object]:
    """Return a finding that holds, as a scheduled question states it."""
    window = {"from": begins, "to": None, "name": ""}
    content = {"kind": kind, "window": window, "holds": True, "evidence": evidence}
    record: dict[str, object] = {"id": f"{kind}-{subject}", "kind": "FINDING", "subject": subject, "base": -1}
    return record | {"author": "findings", "sent_at": NOW, "content": json.dumps(content)}
