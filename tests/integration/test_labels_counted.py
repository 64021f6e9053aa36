"""A thing under several labels is one in every question: rates, lives, documents, counts, on rows made by hand."""

from datetime import UTC, datetime
from typing import Any

import pytest

from analytics.documents import document_report
from analytics.lifetimes import Asked, lives
from analytics.rates import Exposure, failure_rates, return_rates
from analytics.reports.registry import report_answer
from pipeline.warehouse.client import Warehouse
from tests.ledger_rows import LedgerRows

OLD, NEW, NEWER = (f"gtin:09506000134352/{serial}" for serial in ("OLD", "NEW", "NEWER"))
LABEL = [{"name": "label", "value": OLD}]


@pytest.fixture
def ledger(warehouse: Warehouse) -> LedgerRows:
    return LedgerRows(warehouse)


def a_relabelled(ledger: LedgerRows, day: int, old: str = OLD, new: str = NEW) -> None:
    ledger.a_scan(old, "RELABEL", f"2024-01-{day:02} 10:00:00", other_unit=new, state_after="STORED")
    ledger.a_unit(old, "STORED", alias_of=new)


def a_forwarded(ledger: LedgerRows, step: str, day: int, **others: Any) -> None:  # noqa: ANN401  as the table has them
    """Insert a scan of the old label, and what it was forwarded as."""
    at = f"2024-01-{day:02} 10:00:00"
    ledger.a_scan(OLD, step, at, "FLAGGED", reason="RETIRED_LABEL", state_after="STORED", **others)
    ledger.a_scan(NEW, step, at, scan_id="0123456789abcdef41", origin="DERIVED", attributes=LABEL, **others)


def test_a_return_under_the_new_label_is_of_the_sale_under_the_old_one(ledger: LedgerRows) -> None:
    ledger.a_scan(OLD, "SELL", "2024-01-01 10:00:00")
    a_relabelled(ledger, 5)
    ledger.a_unit(NEW, "RETURNED")
    a_forwarded(ledger, "RETURN", 9)
    (row,) = return_rates(ledger.warehouse)
    assert (row["units"], row["returns"]) == (1, 1)


@pytest.mark.parametrize("exposure", list(Exposure))
def test_a_failure_that_was_forwarded_is_one_and_the_time_under_both_labels_is_of_one_unit(
    ledger: LedgerRows, exposure: Exposure
) -> None:
    ledger.a_scan(OLD, "COMMISSION", "2024-01-01 10:00:00")
    a_relabelled(ledger, 5)
    a_relabelled(ledger, 6, NEW, NEWER)
    ledger.a_unit(NEWER, "FAILED")
    ledger.a_scan(OLD, "FAIL", "2024-01-10 10:00:00", "FLAGGED", reason="RETIRED_LABEL")
    ledger.a_scan(NEW, "FAIL", "2024-01-10 10:00:00", "FLAGGED", reason="RETIRED_LABEL", origin="DERIVED")
    ledger.a_scan(NEWER, "FAIL", "2024-01-10 10:00:00", origin="DERIVED", attributes=LABEL)
    (row,) = failure_rates(ledger.warehouse, (), exposure)
    assert (row["units"], row["unit_days"], row["failures"]) == (1, 10, 1)


@pytest.mark.parametrize(("expected", "found"), [(OLD, {OLD: "found"}), (NEW, {NEW: "found"})])
def test_a_document_finds_the_label_that_it_expects_whichever_was_read(
    ledger: LedgerRows, expected: str, found: dict[str, str]
) -> None:
    units = [[expected, ""]]
    ledger.an_act("DOCUMENT", {"site": "", "location": "", "units": units}, subject="asn:1")
    a_relabelled(ledger, 5)
    a_forwarded(ledger, "RECEIVE", 9, document="asn:1")
    report = document_report(ledger.warehouse, "asn:1")
    assert report is not None
    assert {row["unit"]: row["status"] for row in report["units"]} == found


def test_a_count_finds_what_stands_there_under_its_new_label_and_misses_no_retired_one(ledger: LedgerRows) -> None:
    ledger.a_scan(OLD, "STORE", "2024-01-01 10:00:00", state_after="STORED")
    a_relabelled(ledger, 5)
    a_forwarded(ledger, "COUNT", 9, document="count:1")
    report = document_report(ledger.warehouse, "count:1")
    assert report is not None
    assert {row["unit"]: row["status"] for row in report["units"]} == {NEW: "found"}


@pytest.mark.parametrize("exposure", list(Exposure))
def test_a_lifetime_goes_on_under_the_new_label_with_the_age_of_the_old_one(
    ledger: LedgerRows, exposure: Exposure
) -> None:
    sold = {"sold_at": "2024-01-01 10:00:00"}
    ledger.a_scan(OLD, "SELL", "2024-01-01 10:00:00", **sold)
    a_relabelled(ledger, 5)
    ledger.a_unit(NEW, "FAILED", **sold)
    a_forwarded(ledger, "FAIL", 9, **sold)
    found = lives(ledger.warehouse, Asked(exposure=exposure), every=False)
    spans = {(row["entry"], row["exit"], row["ending"]) for row in found.rows[None].iter_rows(named=True)}
    assert spans == {(0, 5, "CENSORED"), (8, 9, "EVENT")}


def test_a_thing_is_on_hand_once_under_its_present_label_and_came_back_once(ledger: LedgerRows) -> None:
    """Sold under its old label, back under the new one: one unit sold, one returned, one on hand."""
    ledger.a_scan(OLD, "SELL", "2024-01-02 10:00:00", state_before="STORED", state_after="SOLD")
    a_relabelled(ledger, 5)
    ledger.a_scan(
        NEW, "RETURN", "2024-01-09 10:00:00", state_before="SOLD", state_after="RETURNED", previous_site="S1"
    )  # fmt: skip
    (cohort,) = report_answer(ledger.warehouse, "return-cohorts")["rows"]
    assert (cohort["sold"], cohort["returned"]) == (1, 1)
    (on_hand,) = report_answer(ledger.warehouse, "on-hand")["rows"]
    assert (on_hand["units"], on_hand["returned"]) == (1, 1)
    assert ledger.warehouse.query_rows("SELECT unit_key FROM v_stock") == [(NEW,)]
    before = report_answer(ledger.warehouse, "on-hand", datetime(2024, 1, 4, tzinfo=UTC))
    assert (before["rows"], before["excluded"]) == ([], {"units_with_customer": 1})
