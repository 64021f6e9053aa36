"""A thing under several labels is one in every question: rates, lives, documents, counts, on rows made by hand."""

from datetime import UTC, datetime
from typing import Any

import pytest

from analytics.causes import AskedCauses, causes_answer
from analytics.documents import document_report
from analytics.lifetimes import Asked, Origin, lives
from analytics.rate_answers import AskedRate, RateKind, rate_answer
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


@pytest.mark.parametrize("document", ["asn:1", "count:1"])
@pytest.mark.parametrize("expected", [OLD, NEW, NEWER])
@pytest.mark.parametrize("read", [OLD, NEW, NEWER])
def test_a_document_finds_its_unit_whichever_label_it_expects_and_whichever_was_read(
    ledger: LedgerRows, document: str, expected: str, read: str
) -> None:
    """Read as a unit of its own: before anybody knew that it was relabelled, or under the label that it has now."""
    ledger.an_act("DOCUMENT", {"site": "", "location": "", "units": [[expected, ""]]}, subject=document)
    a_relabelled(ledger, 5)
    a_relabelled(ledger, 6, NEW, NEWER)
    step = "COUNT" if document == "count:1" else "RECEIVE"
    ledger.a_scan(read, step, "2024-01-09 10:00:00", document=document, state_after="STORED")
    report = document_report(ledger.warehouse, document)
    assert report is not None
    assert {row["unit"]: row["status"] for row in report["units"]} == {expected: "found"}


def a_report(ledger: LedgerRows, document: str) -> dict[str, tuple[str, int | None]]:
    report = document_report(ledger.warehouse, document)
    return {row["unit"]: (row["status"], row.get("scans")) for row in report["units"]} if report else {}


@pytest.mark.parametrize("outcome", ["FLAGGED", "REJECTED"])
def test_a_scan_of_a_retired_label_that_nothing_was_forwarded_of_under_the_document_stands_for_itself(
    ledger: LedgerRows, outcome: str
) -> None:
    """A mode blocked it, or the RELABEL came late: then the forwarded scan has lost the document."""
    for document in ("asn:1", "count:1"):
        ledger.an_act("DOCUMENT", {"site": "", "location": "", "units": [[OLD, ""]]}, subject=document)
    a_relabelled(ledger, 5)
    for step, document in (("RECEIVE", "asn:1"), ("COUNT", "count:1")):
        at = f"2024-01-{len(step):02} 10:00:00"
        ledger.a_scan(OLD, step, at, outcome, reason="RETIRED_LABEL", document=document, state_after="STORED")
        if outcome == "FLAGGED":
            ledger.a_scan(NEW, step, at, origin="DERIVED", attributes=LABEL, state_after="STORED")
    assert a_report(ledger, "asn:1") == {OLD: ("found", 1)}
    assert a_report(ledger, "count:1") == {OLD: ("found", None)}


def test_a_forwarded_scan_is_one_and_none_where_it_was_taken_back(ledger: LedgerRows) -> None:
    ledger.an_act("DOCUMENT", {"site": "", "location": "", "units": [[OLD, ""]]}, subject="asn:1")
    a_relabelled(ledger, 5)
    a_forwarded(ledger, "RECEIVE", 9, document="asn:1")
    assert a_report(ledger, "asn:1") == {OLD: ("found", 1)}
    a_forwarded(ledger, "RECEIVE", 10, document="asn:2")
    last = int(str(ledger.warehouse.query_rows("SELECT max(ordinal) FROM unit_events")[0][0]))
    ledger.a_revision(last, NEW, "REJECTED", "RETRACTED")
    assert a_report(ledger, "asn:2") == {}


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


def test_a_rate_has_a_relabelled_thing_once_and_lives_have_each_label(ledger: LedgerRows) -> None:
    """RELABEL censors the old label; the new one is a unit of its own, from its own first scan where that is age 0."""
    ledger.a_scan(OLD, "COMMISSION", "2024-01-01 10:00:00")
    a_relabelled(ledger, 5)
    ledger.a_unit(NEW, "FAILED")
    ledger.a_scan(NEW, "OBSERVE", "2024-01-06 10:00:00")
    ledger.a_scan(NEW, "FAIL", "2024-01-10 10:00:00")
    rate = rate_answer(ledger.warehouse, AskedRate(RateKind.FAILURE))
    assert [rate["rows"][0][name] for name in ("units", "unit_days", "failures")] == [1, 10, 1]
    assert "a thing relabelled is one unit" in rate["method"]
    found = lives(ledger.warehouse, Asked(origin=Origin.FIRST_SEEN), every=False)
    spans = {(row["entry"], row["exit"], row["ending"]) for row in found.rows[None].iter_rows(named=True)}
    assert spans == {(0, 5, "CENSORED"), (0, 5, "EVENT")}
    causes = causes_answer(ledger.warehouse, AskedCauses(Asked(origin=Origin.FIRST_SEEN)))
    assert (causes["n"], "its new label is a unit of its own" in causes["method"]) == (2, True)


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
