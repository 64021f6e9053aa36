"""Documents and counts on rows made by hand, with the views of the real migrations in the embedded ClickHouse."""

import pytest

from analytics.documents import document_report
from pipeline.warehouse.client import Warehouse
from tests.ledger_rows import LedgerRows
from tests.told_documents import ITEM, expect, statuses


@pytest.fixture
def ledger(warehouse: Warehouse) -> LedgerRows:
    return LedgerRows(warehouse)


def test_an_asn_knows_found_missing_extra_and_wrong_units(ledger: LedgerRows) -> None:
    expect(ledger, "asn:1", "A1", "A2", "A3")
    asn = {"document": "asn:1"}
    ledger.a_scan(f"{ITEM}/A1", "RECEIVE", "2026-01-01 10:00:00", **asn)
    ledger.a_scan(f"{ITEM}/X9", "RECEIVE", "2026-01-01 10:00:01", "FLAGGED", reason="NOT_EXPECTED", **asn)
    ledger.a_scan("gtin:09506000134369/A2", "RECEIVE", "2026-01-01 10:00:02", **asn)
    taken_back = ledger.a_scan(f"{ITEM}/A3", "RECEIVE", "2026-01-01 10:00:03", **asn)
    ledger.a_revision(taken_back, f"{ITEM}/A3", "REJECTED", "RETRACTED")
    ledger.a_scan(f"{ITEM}/A2", "RECEIVE", "2026-01-01 10:00:04", document="asn:2")
    report = document_report(ledger.warehouse, "asn:1")
    assert report is not None
    assert {row["unit"]: row["status"] for row in report["units"]} == {
        f"{ITEM}/A1": "found",
        f"{ITEM}/A2": "missing",
        f"{ITEM}/A3": "missing",
        f"{ITEM}/X9": "extra",
        "gtin:09506000134369/A2": "wrong",
    }
    assert report["counts"] == {"extra": 1, "found": 1, "missing": 2, "wrong": 1}


def test_what_carried_the_units_is_no_variance(ledger: LedgerRows) -> None:
    expect(ledger, "asn:1", "A1")
    pallet = "sscc:106141412345678908"
    ledger.a_scan(pallet, "RECEIVE", "2026-01-01 10:00:00", document="asn:1", item="", serial=pallet)
    ledger.a_scan(f"{ITEM}/A1", "RECEIVE", "2026-01-01 10:00:00", document="asn:1", container=pallet)
    assert statuses(ledger, "asn:1") == {"A1": "found", pallet: "carrier"}


def test_a_surprising_unit_is_paired_with_the_missing_one_it_may_be(ledger: LedgerRows) -> None:
    expect(ledger, "asn:1", "ABC123", "ZZZ999")
    ledger.a_scan(f"{ITEM}/ABC128", "RECEIVE", "2026-01-01 10:00:00", document="asn:1")
    report = document_report(ledger.warehouse, "asn:1")
    assert report is not None
    likely = {row["unit"]: row["likely"] for row in report["units"]}
    assert likely == {f"{ITEM}/ABC123": None, f"{ITEM}/ZZZ999": None, f"{ITEM}/ABC128": f"{ITEM}/ABC123"}


def test_the_same_document_told_again_adds_and_nothing_is_doubled(ledger: LedgerRows) -> None:
    expect(ledger, "order:1", "A1")
    expect(ledger, "order:1", "A1", "A2")
    assert statuses(ledger, "order:1") == {"A1": "missing", "A2": "missing"}


def test_a_document_that_nobody_told_of_has_only_extra_units(ledger: LedgerRows) -> None:
    assert document_report(ledger.warehouse, "asn:7") is None
    ledger.a_scan(f"{ITEM}/A1", "RECEIVE", "2026-01-01 10:00:00", document="asn:7")
    assert statuses(ledger, "asn:7") == {"A1": "wrong"}
