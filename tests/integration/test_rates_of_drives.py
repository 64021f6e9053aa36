"""The drive sample as verdicts: the rates are those published for it, to the fourth decimal."""

import csv
from pathlib import Path

import pytest

from analytics.rates import Group, failure_rates
from pipeline.warehouse.client import Warehouse
from tests.ledger_rows import LedgerRows, Row

SAMPLE = Path(__file__).parents[3] / "shared/data"
COLUMNS = {
    "units": "drives", "unit_days": "drive_days", "failures": "failures", "afr_percent": "afr_pct",
    "afr_low": "ci95_low_pct", "afr_high": "ci95_high_pct",
}  # fmt: skip


def read(name: str) -> list[dict[str, str]]:
    with (SAMPLE / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def verdicts_of(ledger: LedgerRows, drive: dict[str, str]) -> list[Row]:
    """Returns a drive's scans: first seen, failed, last seen; after its failure it is only seen."""
    unit = f"asset:BACKBLAZE/{drive['model']}/{drive['serial_number']}"
    first, last, failed = (f"{drive[column]} 00:00:00" for column in ("min_date", "max_date", "first_fail"))
    rows = [ledger.scan_row(unit, "COMMISSION", first, "ACCEPTED")]
    if drive["first_fail"]:
        rows.append(ledger.scan_row(unit, "FAIL", failed, "ACCEPTED"))
    after_end = bool(drive["first_fail"]) and last > failed
    decision = ("REJECTED", "SEEN_AFTER_END") if after_end else ("ACCEPTED", "NONE")
    return [*rows, ledger.scan_row(unit, "OBSERVE", last, decision[0], reason=decision[1])]


@pytest.mark.skipif(not SAMPLE.exists(), reason="the drive sample is not beside this repository")
def test_the_rates_of_the_drive_sample_are_the_published_ones(warehouse: Warehouse) -> None:
    ledger = LedgerRows(warehouse)
    ledger.insert("unit_events", *(row for drive in read("drives-sample.csv") for row in verdicts_of(ledger, drive)))
    found = {str(row["item"]).rpartition("/")[2]: row for row in failure_rates(warehouse, [Group.ITEM])}
    assert {
        model: {theirs: round(float(row[ours]), 4) for ours, theirs in COLUMNS.items()} for model, row in found.items()
    } == {
        row["model"]: {theirs: float(row[theirs]) for theirs in COLUMNS.values()}
        for row in read("drives-sample.expected.csv")
    }
