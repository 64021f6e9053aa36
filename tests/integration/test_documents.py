"""Documents and counts on rows made by hand, with the views of the real migrations in the embedded ClickHouse."""

import csv
import io
from typing import Any

import pytest

from analytics.documents import document_report
from jobs.cli import run_verb
from pipeline.warehouse.client import Warehouse
from tests.fixtures_clickhouse import EmbeddedClickHouse
from tests.ledger_rows import LedgerRows
from tests.told_documents import ITEM, expect, reported, statuses


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


LINK = "https://id.gs1.org/253/06141410601221234"
URN = "urn:epc:id:gdti:0614141.06012.1234"


@pytest.mark.parametrize("asked", [URN, LINK, "HTTPS://ID.GS1.ORG/253/06141410601221234?x=1"])
def test_a_document_is_found_by_each_way_to_write_its_name(ledger: LedgerRows, asked: str) -> None:
    expect(ledger, f"asn:{LINK}", "A1")
    report = document_report(ledger.warehouse, f" asn:{asked}\n")
    assert report is not None
    assert report["document"] == f"asn:{LINK}"
    assert report["counts"] == {"missing": 1}


def test_a_document_that_was_told_of_under_another_name_once_is_found_by_that(ledger: LedgerRows) -> None:
    expect(ledger, f"asn:{URN}", "A1")
    report = document_report(ledger.warehouse, f"asn:{URN}")
    assert report is not None
    assert report["document"] == f"asn:{URN}"
    assert document_report(ledger.warehouse, f"asn:{LINK}") is None


def test_what_carried_the_units_is_no_variance(ledger: LedgerRows) -> None:
    expect(ledger, "asn:1", "A1")
    pallet = "sscc:106141412345678908"
    ledger.a_scan(pallet, "RECEIVE", "2026-01-01 10:00:00", document="asn:1", item="", serial=pallet)
    ledger.a_scan(f"{ITEM}/A1", "RECEIVE", "2026-01-01 10:00:00", document="asn:1", container=pallet)
    assert statuses(ledger, "asn:1") == {"A1": "found", pallet: "carrier"}


@pytest.mark.parametrize(("units", "status"), [((), "content"), (("A1",), "extra")])
def test_what_came_in_a_named_pallet_is_no_variance_unless_units_are_named_too(
    ledger: LedgerRows, units: tuple[str, ...], status: str
) -> None:
    pallet, case = "sscc:106141412345678908", "sscc:106141412345678915"
    named = [[pallet, ""], *([f"{ITEM}/{unit}", ""] for unit in units)]
    ledger.an_act("DOCUMENT", {"site": "", "location": "", "units": named}, subject="asn:1")
    for key, container in ((pallet, None), (case, pallet), (f"{ITEM}/A1", case), (f"{ITEM}/A2", case)):
        item, _, serial = key.rpartition("/")
        fields: dict[str, Any] = {"document": "asn:1", "container": container, "item": item, "serial": serial}
        ledger.a_scan(key, "RECEIVE", "2026-01-01 10:00:00", **fields)
    found = {"A1": "found" if units else "content", "A2": status, pallet: "found", case: "carrier"}
    assert statuses(ledger, "asn:1") == found


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


def test_a_unit_picked_in_another_s_place_stays_wrong_whatever_is_scanned_of_it_later(ledger: LedgerRows) -> None:
    expect(ledger, "order:1", "A1")
    order = {"document": "order:1"}
    ledger.a_scan(f"{ITEM}/X9", "PICK", "2026-01-01 10:00:00", "FLAGGED", reason="WRONG_UNIT", **order)
    ledger.a_scan(f"{ITEM}/X9", "SHIP", "2026-01-01 11:00:00", "FLAGGED", reason="NOT_EXPECTED", **order)
    ledger.a_scan(f"{ITEM}/Y9", "SHIP", "2026-01-01 11:00:00", "FLAGGED", reason="NOT_EXPECTED", **order)
    mended = ledger.a_scan(f"{ITEM}/Z9", "PICK", "2026-01-01 10:00:00", "FLAGGED", reason="WRONG_UNIT", **order)
    ledger.a_revision(mended, f"{ITEM}/Z9", "REJECTED", "RETRACTED")
    assert statuses(ledger, "order:1") == {"A1": "missing", "X9": "wrong", "Y9": "extra"}


def returned(ledger: LedgerRows, serial: str, *sales: str | None) -> None:
    """Insert sales of a unit, an hour apart, and its return under rma:1."""
    for place, sale in enumerate(sales, start=8):
        ledger.a_scan(f"{ITEM}/{serial}", "SELL", f"2026-01-01 {place:02}:00:00", document=sale)
    ledger.a_scan(f"{ITEM}/{serial}", "RETURN", "2026-01-01 12:00:00", document="rma:1")


def test_a_return_of_another_sale_than_expected_is_a_mismatch_that_says_what_the_sale_was(ledger: LedgerRows) -> None:
    expect(ledger, "rma:1", "fits", "other", "resold", "no-paper", "never", "away", sale="order:7")
    expect(ledger, "rma:1", "any")
    returned(ledger, "fits", "order:7")
    returned(ledger, "other", "order:8")
    returned(ledger, "resold", "order:7", "order:9")
    returned(ledger, "no-paper", None)
    returned(ledger, "never")
    returned(ledger, "any", "order:8")
    ledger.a_scan(f"{ITEM}/fits", "SELL", "2026-01-01 13:00:00", document="order:10")
    ledger.a_scan(f"{ITEM}/away", "SELL", "2026-01-01 13:00:00", document="order:8")
    ledger.a_scan(f"{ITEM}/fits", "SELL", "2026-01-01 11:00:00", "REJECTED", reason="RECALLED", document="order:11")
    found = {serial: (row["status"], row["sold_under"]) for serial, row in reported(ledger, "rma:1").items()}
    assert found == {
        "fits": ("found", "order:7"),
        "other": ("mismatch", "order:8"),
        "resold": ("mismatch", "order:9"),
        "no-paper": ("mismatch", ""),
        "never": ("mismatch", None),
        "any": ("found", None),
        "away": ("missing", "order:8"),
    }


def test_the_verb_shows_a_mismatch_with_both_sales_and_ends_with_1(
    ledger: LedgerRows,
    embedded_clickhouse: EmbeddedClickHouse,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("CLICKHOUSE_URL", embedded_clickhouse.url)
    monkeypatch.setenv("CLICKHOUSE_PASSWORD", embedded_clickhouse.password)
    monkeypatch.setenv("CLICKHOUSE_DATABASE", ledger.warehouse.query_rows("SELECT currentDatabase()")[0][0])
    expect(ledger, "rma:1", "A1", sale="order:7")
    returned(ledger, "A1", "order:8")
    with pytest.raises(SystemExit) as ended:
        run_verb("document", ["rma:1", "--format", "csv"])
    assert ended.value.code == 1
    shown = capsys.readouterr()
    assert "rma:1: 1 mismatch" in shown.err
    (row,) = csv.DictReader(io.StringIO(shown.out))
    assert (row["status"], row["sale"], row["sold_under"]) == ("mismatch", "order:7", "order:8")


def test_a_long_table_ends_where_it_was_told_to_and_says_how_much_is_left(
    ledger: LedgerRows,
    embedded_clickhouse: EmbeddedClickHouse,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("CLICKHOUSE_URL", embedded_clickhouse.url)
    monkeypatch.setenv("CLICKHOUSE_PASSWORD", embedded_clickhouse.password)
    monkeypatch.setenv("CLICKHOUSE_DATABASE", ledger.warehouse.query_rows("SELECT currentDatabase()")[0][0])
    expect(ledger, "asn:1", "A1", "A2", "A3")
    with pytest.raises(SystemExit):
        run_verb("document", ["asn:1", "--most", "2"])
    shown = capsys.readouterr()
    assert [name in shown.out for name in ("A1", "A2", "A3")] == [True, True, False]
    assert "1 more: --most 3 shows all." in shown.err
    with pytest.raises(SystemExit):
        run_verb("document", ["asn:1", "--most", "2", "--format", "csv"])
    assert len(list(csv.DictReader(io.StringIO(capsys.readouterr().out)))) == 3


def test_a_sale_under_the_old_label_is_the_sale_of_what_came_back_under_the_new_one(ledger: LedgerRows) -> None:
    expect(ledger, "rma:1", "NEW", sale="order:7")
    ledger.a_scan(f"{ITEM}/OLD", "SELL", "2026-01-01 08:00:00", document="order:7")
    ledger.a_scan(f"{ITEM}/OLD", "RELABEL", "2026-01-01 09:00:00", other_unit=f"{ITEM}/NEW")
    ledger.a_unit(f"{ITEM}/OLD", "SOLD", alias_of=f"{ITEM}/NEW")
    returned(ledger, "NEW")
    assert statuses(ledger, "rma:1") == {"NEW": "found"}
