"""Counts of a place on rows made by hand: what stood there, what was counted, what moved meanwhile."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from analytics.documents import document_report
from pipeline.warehouse.client import Warehouse
from tests.ledger_rows import LedgerRows
from tests.told_documents import ITEM, expect, reported, statuses

LIFECYCLES = Path(__file__).parents[2] / "schemas" / "lifecycles"
STATES = sorted({state for file in LIFECYCLES.glob("*.toml") for state in tomllib.loads(file.read_text())["states"]})
NO_SIGHTINGS = (
    ("REJECTED", "FUTURE_TIME"), ("REJECTED", "BAD_TIME"), ("REJECTED", "MISKEYED"), ("REJECTED", "MISROUTED"),
    ("REJECTED", "BAD_IDENTIFIER"), ("REJECTED", "BAD_ORIGIN"), ("REJECTED", "RETRACTED"),
    ("UNDECIDED", "LATE_BEYOND_TAIL"), ("UNDECIDED", "CORRECTS_UNKNOWN"),
)  # fmt: skip


@pytest.fixture
def ledger(warehouse: Warehouse) -> LedgerRows:
    return LedgerRows(warehouse)


def stand(ledger: LedgerRows, serial: str, site: str = "S1", location: str | None = None) -> None:
    ledger.a_scan(
        f"{ITEM}/{serial}", "STORE", "2026-01-01 08:00:00", site=site, location=location, state_after="STORED"
    )


def counted(ledger: LedgerRows, serial: str, minute: int, outcome: str = "ACCEPTED", reason: str = "NONE") -> None:
    ledger.a_scan(
        f"{ITEM}/{serial}", "COUNT", f"2026-01-02 10:{minute:02}:00", outcome, reason=reason, document="count:1",
        state_after="STORED",
    )  # fmt: skip


def test_a_count_compares_with_what_stood_there_and_moves_meanwhile_are_no_variance(ledger: LedgerRows) -> None:
    for serial in ("here", "lost", "sold-meanwhile", "twice"):
        stand(ledger, serial)
    stand(ledger, "elsewhere", "S2")
    stand(ledger, "shipped-before")
    ledger.a_scan(f"{ITEM}/shipped-before", "SHIP", "2026-01-01 09:00:00", state_after="IN_TRANSIT")
    counted(ledger, "here", 0)
    counted(ledger, "twice", 1)
    counted(ledger, "twice", 2, "REPEATED", "RECOUNTED")
    counted(ledger, "elsewhere", 3, "FLAGGED", "CUSTODY_CONFLICT")
    counted(ledger, "never-seen", 4, "FLAGGED", "ADOPTED")
    ledger.a_scan(f"{ITEM}/sold-meanwhile", "SELL", "2026-01-02 10:02:00", state_after="SOLD")
    ledger.a_scan(f"{ITEM}/came", "RECEIVE", "2026-01-02 10:03:00", state_after="RECEIVED")
    counted(ledger, "came", 5)
    assert statuses(ledger, "count:1") == {
        "here": "found",
        "lost": "missing",
        "twice": "found",
        "sold-meanwhile": "moved",
        "elsewhere": "wrong_place",
        "never-seen": "unexpected",
        "came": "arrived",
    }
    report = document_report(ledger.warehouse, "count:1")
    assert report is not None
    assert [row["unit"] for row in report["units"] if row["is_recounted"]] == [f"{ITEM}/twice"]


def test_a_count_of_a_shelf_expects_only_what_stood_on_it(ledger: LedgerRows) -> None:
    expect(ledger, "count:1", site="S1", location="shelf-1")
    stand(ledger, "on-it", location="shelf-1")
    stand(ledger, "beside", location="shelf-2")
    counted(ledger, "on-it", 0)
    assert statuses(ledger, "count:1") == {"on-it": "found"}


def test_a_count_sheet_that_names_units_expects_those(ledger: LedgerRows) -> None:
    expect(ledger, "count:1", "listed", "unknown")
    stand(ledger, "listed")
    stand(ledger, "not-listed")
    counted(ledger, "listed", 0)
    assert statuses(ledger, "count:1") == {"listed": "found", "unknown": "missing"}


def a_move(ledger: LedgerRows, serial: str, step: str, clock: str, state: str, **place: str) -> None:
    """Insert an applied scan of the day of the count."""
    ledger.a_scan(f"{ITEM}/{serial}", step, f"2026-01-02 {clock}:00", state_after=state, **place)


def a_count(
    ledger: LedgerRows,
    serial: str,
    clock: str,
    decision: str = "ACCEPTED NONE",
    count: str = "count:1",
    **others: str,
) -> int:
    """Insert a COUNT of the day of the count."""
    outcome, reason = decision.split()
    told: dict[str, Any] = {"document": count, "state_after": "STORED", "reason": reason} | others
    at = f"2026-01-02 {clock}:00"
    return ledger.a_scan(f"{ITEM}/{serial}", "COUNT", at, outcome=outcome, **told)


def test_an_unknown_serial_on_the_shelf_is_unexpected_and_paired_with_the_missing_one_it_may_be(
    ledger: LedgerRows,
) -> None:
    stand(ledger, "ABC124")
    stand(ledger, "here")
    a_count(ledger, "here", "10:00")
    a_count(ledger, "ABD124", "10:01", "REJECTED UNKNOWN_UNIT", state_after="NONE")
    rows = reported(ledger, "count:1")
    assert {serial: row["status"] for serial, row in rows.items()} == {
        "here": "found",
        "ABC124": "missing",
        "ABD124": "unexpected",
    }
    assert rows["ABD124"]["likely"] == f"{ITEM}/ABC124"


def test_a_destroyed_unit_on_the_shelf_is_listed_with_what_the_ledger_took_it_for(ledger: LedgerRows) -> None:
    stand(ledger, "here")
    ledger.a_scan(f"{ITEM}/dead", "DESTROY", "2026-01-01 09:00:00", state_after="DESTROYED")
    a_count(ledger, "here", "10:00")
    a_count(ledger, "dead", "10:01", "REJECTED SEEN_AFTER_END", state_after="DESTROYED")
    dead = reported(ledger, "count:1")["dead"]
    assert (dead["status"], dead["former_state"]) == ("unexpected", "DESTROYED")


def test_an_expected_unit_whose_count_a_mode_blocks_was_found(ledger: LedgerRows) -> None:
    stand(ledger, "stolen")
    a_count(ledger, "stolen", "10:00", "REJECTED STOLEN")
    assert statuses(ledger, "count:1") == {"stolen": "found"}


@pytest.mark.parametrize("year", [2020, 2030])
def test_counts_that_are_not_to_be_believed_find_nothing_and_set_no_bound(ledger: LedgerRows, year: int) -> None:
    """Sold a year after the count: missing while it ran; an early bound would empty what is expected."""
    with ledger.at_once():
        for serial in ("here", "lost", *(reason for _, reason in NO_SIGHTINGS)):
            stand(ledger, serial)
        a_count(ledger, "here", "10:00")
        for outcome, reason in NO_SIGHTINGS:
            at = f"{year}-01-01 00:00:00"
            ledger.a_scan(f"{ITEM}/{reason}", "COUNT", at, outcome, reason=reason, document="count:1")
        ledger.a_scan(f"{ITEM}/lost", "SELL", "2027-01-01 10:00:00", state_after="SOLD")
    missing = {serial for serial, status in statuses(ledger, "count:1").items() if status == "missing"}
    assert missing == {"lost", *(reason for _, reason in NO_SIGHTINGS)}


@pytest.mark.parametrize("year", [2020, 2030])
def test_a_refused_count_is_a_sighting_and_sets_no_bound(ledger: LedgerRows, year: int) -> None:
    stand(ledger, "here")
    stand(ledger, "lost")
    a_count(ledger, "here", "10:00")
    ledger.a_scan(
        f"{ITEM}/stranger", "COUNT", f"{year}-01-01 00:00:00", "REJECTED", reason="UNKNOWN_UNIT", document="count:1"
    )  # fmt: skip
    ledger.a_scan(f"{ITEM}/lost", "SELL", "2027-01-01 10:00:00", state_after="SOLD")
    assert statuses(ledger, "count:1") == {"here": "found", "lost": "missing", "stranger": "unexpected"}


def test_a_copy_is_no_recount_and_a_copy_of_what_was_taken_back_no_sighting(ledger: LedgerRows) -> None:
    for serial in ("once", "twice", "taken-back"):
        stand(ledger, serial)
    for serial in ("once", "taken-back"):
        scan = a_count(ledger, serial, "10:00")
        a_count(ledger, serial, "10:00", "REPEATED REDELIVERED")
    ledger.a_revision(scan, f"{ITEM}/taken-back", "REJECTED", "RETRACTED")
    a_count(ledger, "twice", "10:01")
    a_count(ledger, "twice", "10:02", "REPEATED RECOUNTED")
    rows = reported(ledger, "count:1")
    assert {serial: (row["status"], row["is_recounted"]) for serial, row in rows.items()} == {
        "once": ("found", 0),
        "twice": ("found", 1),
        "taken-back": ("missing", 0),
    }


def test_a_pack_dispensed_the_day_before_is_not_missed(ledger: LedgerRows) -> None:
    stand(ledger, "here")
    stand(ledger, "pack")
    ledger.a_scan(f"{ITEM}/pack", "DISPENSE", "2026-01-01 09:00:00", state_after="DISPENSED")
    a_count(ledger, "here", "10:00")
    assert statuses(ledger, "count:1") == {"here": "found"}


def test_what_a_state_says_of_a_place_is_what_every_question_says(ledger: LedgerRows) -> None:
    with ledger.at_once():
        for state in STATES:
            ledger.a_scan(f"{ITEM}/{state}", "OBSERVE", "2026-01-01 08:00:00", state_after=state)
        a_count(ledger, "found", "10:00", "REJECTED UNKNOWN_UNIT")
    elsewhere = ["IN_TRANSIT", "WITH_CUSTOMER", "INSTALLED", "ENDED", "NONE"]
    standing = ledger.warehouse.query_rows(
        "SELECT serial FROM v_life_events WHERE NOT has({words:Array(String)}, whereabouts_after) AND step != 'COUNT'",
        {"words": elsewhere},
    )
    missing = {serial for serial, status in statuses(ledger, "count:1").items() if status == "missing"}
    assert missing == {serial for (serial,) in standing}
    assert {"STORED", "IN_SERVICE", "FAILED", "IN_USE"} <= missing < set(STATES)


def test_what_another_count_found_stands_where_that_found_it(ledger: LedgerRows) -> None:
    stand(ledger, "a")
    stand(ledger, "c", "S2")
    stand(ledger, "b", "S2")
    for clock, count, serials, site in (
        ("10:00", "count:1", "ab", "S1"),
        ("11:00", "count:2", "ab", "S1"),
        ("12:00", "count:3", "c", "S2"),
    ):
        for serial in serials:
            a_count(ledger, serial, clock, count=count, site=site)
    assert statuses(ledger, "count:1") == {"a": "found", "b": "wrong_place"}
    assert statuses(ledger, "count:2") == {"a": "found", "b": "found"}
    assert statuses(ledger, "count:3") == {"c": "found"}


def test_a_unit_received_then_counted_then_sold_while_the_count_runs_has_arrived(ledger: LedgerRows) -> None:
    stand(ledger, "first")
    stand(ledger, "last")
    a_count(ledger, "first", "10:00")
    a_move(ledger, "came", "RECEIVE", "11:00", "RECEIVED")
    a_count(ledger, "came", "11:30")
    a_move(ledger, "came", "SELL", "12:00", "SOLD")
    a_count(ledger, "last", "18:00")
    assert statuses(ledger, "count:1") == {"first": "found", "last": "found", "came": "arrived"}


def test_a_unit_that_came_only_after_it_was_counted_stood_elsewhere_then(ledger: LedgerRows) -> None:
    stand(ledger, "first")
    stand(ledger, "early", "S2")
    a_count(ledger, "first", "10:00")
    a_count(ledger, "early", "10:30")
    a_move(ledger, "early", "RECEIVE", "11:00", "RECEIVED")
    a_count(ledger, "first", "12:00", "REPEATED RECOUNTED")
    early = reported(ledger, "count:1")["early"]
    assert (early["status"], early["former_site"]) == ("wrong_place", "S2")


def test_a_unit_that_left_and_came_back_uncounted_is_no_variance(ledger: LedgerRows) -> None:
    stand(ledger, "first")
    stand(ledger, "lent")
    a_count(ledger, "first", "10:00")
    a_move(ledger, "lent", "SHIP", "10:10", "IN_TRANSIT")
    a_move(ledger, "lent", "RECEIVE", "10:50", "RECEIVED")
    a_count(ledger, "first", "11:00", "REPEATED RECOUNTED")
    assert statuses(ledger, "count:1") == {"first": "found", "lent": "moved"}


@pytest.fixture
def shelf(ledger: LedgerRows) -> LedgerRows:
    """A count of shelf-1 from 10:00 to 11:00, with one unit that stood there."""
    expect(ledger, "count:1", site="S1", location="shelf-1")
    stand(ledger, "first", location="shelf-1")
    a_count(ledger, "first", "10:00")
    a_count(ledger, "first", "11:00", "REPEATED RECOUNTED")
    return ledger


def test_a_unit_stored_on_another_shelf_meanwhile_has_moved(shelf: LedgerRows) -> None:
    stand(shelf, "restocked", location="shelf-1")
    a_move(shelf, "restocked", "STORE", "10:30", "STORED", location="shelf-2")
    assert statuses(shelf, "count:1") == {"first": "found", "restocked": "moved"}


def test_a_unit_stored_on_this_shelf_meanwhile_has_arrived(shelf: LedgerRows) -> None:
    stand(shelf, "restocked", location="shelf-2")
    a_move(shelf, "restocked", "STORE", "10:30", "STORED", location="shelf-1")
    a_count(shelf, "restocked", "10:40")
    assert statuses(shelf, "count:1") == {"first": "found", "restocked": "arrived"}


def test_a_unit_recorded_on_another_shelf_all_along_is_in_the_wrong_place(shelf: LedgerRows) -> None:
    stand(shelf, "astray", location="shelf-2")
    a_count(shelf, "astray", "10:40")
    astray = reported(shelf, "count:1")["astray"]
    assert (astray["status"], astray["former_site"], astray["former_location"]) == ("wrong_place", "S1", "shelf-2")


def test_a_shelf_is_forgotten_when_its_unit_leaves_the_site(shelf: LedgerRows) -> None:
    stand(shelf, "back", location="shelf-1")
    shelf.a_scan(f"{ITEM}/back", "SHIP", "2026-01-01 09:00:00", state_after="IN_TRANSIT")
    shelf.a_scan(f"{ITEM}/back", "RECEIVE", "2026-01-01 10:00:00", state_after="RECEIVED")
    assert statuses(shelf, "count:1") == {"first": "found"}
    a_count(shelf, "back", "10:40")
    assert statuses(shelf, "count:1") == {"first": "found", "back": "unexpected"}


def test_what_a_sheet_does_not_name_is_unexpected_though_it_stood_there(ledger: LedgerRows) -> None:
    expect(ledger, "count:1", "A", "gone-before", "left", site="S1")
    for serial in ("A", "C", "left"):
        stand(ledger, serial)
    stand(ledger, "gone-before", "S2")
    for serial in ("A", "C"):
        a_count(ledger, serial, "10:00")
    a_move(ledger, "left", "SELL", "10:10", "SOLD")
    a_move(ledger, "D", "RECEIVE", "10:10", "RECEIVED")
    a_count(ledger, "D", "10:20")
    assert statuses(ledger, "count:1") == {
        "A": "found",
        "C": "unexpected",
        "D": "arrived",
        "gone-before": "missing",
        "left": "moved",
    }


def test_a_told_count_of_which_nothing_was_counted_misses_what_its_sheet_names(ledger: LedgerRows) -> None:
    expect(ledger, "count:1", "A")
    stand(ledger, "A")
    assert statuses(ledger, "count:1") == {"A": "missing"}
