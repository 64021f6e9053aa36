"""A ledger to look at: a simulated supply chain with planted faults, as the real fold decided it.

Its newest scan came in at NOW, which is the clock of the console in these tests: pages look the same on every day.
"""

import json
from dataclasses import replace
from datetime import UTC, datetime

from pipeline.domain.finding import Finding, Window, content_of
from pipeline.simulate.plan import Plan
from pipeline.simulate.simulation import simulate
from pipeline.warehouse.client import Warehouse
from pipeline.wire.schemas import decode
from tests.folded_ledger import FoldedLedger
from tests.oracle.arrivals import a_site_load

NOW = int(datetime(2026, 11, 2, 9, 30, tzinfo=UTC).timestamp() * 1000)
SCANS = 12_000
SITES = 10
SILENT = "shop-6"
SILENT_SITES = ("berlin", "lima", "oslo")
_DAY, _BURST_MS, _IN_BURST = 86_400_000, 290_000, 4_000
_LEDGER_BEGAN = NOW - 400 * _DAY


def seed(warehouse: Warehouse, scans: int = SCANS) -> FoldedLedger:
    """Fill an empty database; the last scans come in in the five minutes before NOW, none of them from SILENT."""
    ledger = FoldedLedger(warehouse)
    plan = replace(Plan.of_scans(scans, sites=SITES, seed=11, anomalies=0.02), until=NOW - _BURST_MS)
    told = simulate(plan)
    (batch,) = told.batches(scans)
    columns = ("name", "latitude", "longitude", "kind")
    sites = [dict(zip(columns, site, strict=True)) for site in told.world.sites()]
    ledger.internal(a_site_load().record | {"content": json.dumps(sites)}, _LEDGER_BEGAN)
    heard = [at for at, value in enumerate(batch.values) if at < scans - _IN_BURST or not _is_of(SILENT, value)]
    capture = [int(batch.capture[at]) for at in heard]
    quiet = sum(at < scans - _IN_BURST for at in heard)
    ledger.scans([batch.keys[at] for at in heard], [batch.values[at] for at in heard], arrivals(capture, quiet))
    for broken in (b"", b"no scan at all", batch.values[0][:40]):
        ledger.bad_bytes(broken, NOW - 60_000)
    silent = a_finding(
        "SILENT_SITE", f"site:{SILENT}", NOW - 3 * _DAY, longest_silence_before_hours="9", silent_hours="71.5"
    )
    ledger.internal(silent, NOW - 30_000)
    return ledger


def silent_sites(warehouse: Warehouse) -> FoldedLedger:
    """Fill an empty database with one open alert per site of SILENT_SITES."""
    ledger = FoldedLedger(warehouse)
    ledger.internal(a_site_load().record, NOW - 1)
    for site in SILENT_SITES:
        ledger.internal(a_finding("SILENT_SITE", f"site:{site}", NOW - 9, silent_hours="9"), NOW)
    return ledger


def _is_of(site: str, value: bytes) -> bool:
    return bool(decode(value)[1]["site"] == site)


def arrivals(capture: list[int], quiet: int) -> list[int]:
    """Return when each scan came in: as it was captured, but for those after `quiet` ones, which came just now."""
    received, last, burst = [], 0, len(capture) - quiet
    for at, captured in enumerate(capture):
        just_now = NOW - _BURST_MS + (at - quiet) * _BURST_MS // burst
        last = max(last, captured if at < quiet else just_now)
        received.append(last)
    return received


def a_finding(kind: str, subject: str, begins: int, **evidence: str) -> dict[str, object]:
    """Return a finding that holds, as a scheduled question states it."""
    finding = Finding(kind, subject, Window(begins, None), holds=True)
    record: dict[str, object] = {"id": finding.id, "kind": "FINDING", "subject": subject, "base": -1}
    return record | {"author": "findings", "sent_at": NOW, "content": content_of(finding, evidence)}
