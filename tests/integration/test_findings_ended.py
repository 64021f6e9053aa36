"""What was found holds no more only where something says so: a scan, a newer statement, an answer that reaches it."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from analytics.findings import AUTHOR, Scheduled, Stated, Watch, found, schedule, standing
from pipeline.domain.finding import content_of
from pipeline.warehouse.client import Warehouse
from tests.ledger_rows import LedgerRows

NOW = datetime(2024, 6, 20, 12, 30, tzinfo=UTC)
HOUR_MS, DAY_MS = 3_600_000, 86_400_000
NOW_MS = int(NOW.timestamp() * 1000)


@pytest.fixture
def ledger(warehouse: Warehouse) -> LedgerRows:
    return LedgerRows(warehouse)


def of(kind: str, **changed: object) -> Scheduled:
    scheduled = next(one for one in schedule() if one.kind == kind)
    return replace(scheduled, **changed)  # type: ignore[arg-type]


def text(when: datetime) -> str:
    return f"{when:%Y-%m-%d %H:%M:%S}"


def scans(ledger: LedgerRows, site: str, hours: range, accepted: int, rejected: int = 0, **fields: object) -> None:
    """Inserts so many scans of each of these hours ago."""
    rows = []
    for hour in hours:
        for n in range(accepted + rejected):
            when = text(NOW.replace(minute=0) - timedelta(hours=hour) + timedelta(seconds=n))
            outcome = "ACCEPTED" if n < accepted else "REJECTED"
            rows.append(ledger.scan_row("i/a", "OBSERVE", when, outcome, site=site, received_at=when) | fields)
    ledger.insert("unit_events", *rows)


def told(ledger: LedgerRows, stated: list[Stated]) -> None:
    """Lets the ledger have accounted for statements."""
    with ledger.at_once():
        for finding, evidence in stated:
            content = json.loads(content_of(finding, evidence))
            ledger.an_act("FINDING", content, subject=finding.subject, id=finding.id, author=AUTHOR)


def look(ledger: LedgerRows, watch: Watch, scheduled: Scheduled, now_ms: int = NOW_MS) -> list[tuple[str, bool]]:
    """Looks once, lets log and ledger have what is to be stated; returns subjects, and whether they hold."""
    stated = watch.look(scheduled, now_ms)
    watch.note(stated)
    told(ledger, stated)
    return [(one.finding.subject, one.finding.holds) for one in stated]


def removed(ledger: LedgerRows, before: datetime) -> None:
    """Lets somebody have accepted the removal of scans that were received before a time."""
    before_ms = int(before.timestamp() * 1000)
    ledger.an_act("RETENTION", {"before": before_ms, "last_ordinal": 1000}, subject="retention")
    ledger.warehouse.command(
        "ALTER TABLE unit_events DELETE WHERE received_at < {before:DateTime64(3)} SETTINGS mutations_sync = 1",
        {"before": before},
    )


# Surges of rejections.


def the_last_hour_of_a_thin_baseline(ledger: LedgerRows) -> None:
    scans(ledger, "munich", range(697, 696, -1), 10)
    scans(ledger, "munich", range(600, 561, -1), 5)
    scans(ledger, "munich", range(1, 0, -1), 0, 50)


def the_first_hour_of_a_long_surge_that_is_a_day_old(ledger: LedgerRows) -> None:
    scans(ledger, "munich", range(360, 60, -1), 1)
    scans(ledger, "munich", range(24, 1, -1), 20, 20)


@pytest.mark.parametrize("surge", [the_last_hour_of_a_thin_baseline, the_first_hour_of_a_long_surge_that_is_a_day_old])
def test_a_surge_is_judged_by_the_days_before_its_own_hour_whenever_it_is_asked_about(
    ledger: LedgerRows, surge: Callable[[LedgerRows], None]
) -> None:
    surge(ledger)
    watch, scheduled = Watch(ledger.warehouse), of("REJECTION_SURGE")
    assert set(look(ledger, watch, scheduled)) == {("site:munich", True)}
    for hours in range(1, 30):
        assert look(ledger, watch, scheduled, NOW_MS + hours * HOUR_MS) == []


def test_a_surge_is_not_taken_back_because_the_days_before_it_were_removed(ledger: LedgerRows) -> None:
    scans(ledger, "munich", range(600, 560, -1), 6)
    scans(ledger, "munich", range(3, 2, -1), 0, 50)
    watch, scheduled = Watch(ledger.warehouse), of("REJECTION_SURGE")
    assert look(ledger, watch, scheduled) == [("site:munich", True)]
    removed(ledger, NOW - timedelta(days=20))
    assert found(ledger.warehouse, scheduled, NOW_MS) == {}
    assert look(ledger, watch, scheduled, NOW_MS + HOUR_MS) == []


def test_many_readers_of_a_site_that_surge_in_an_hour_are_one_finding_that_names_the_worst(ledger: LedgerRows) -> None:
    for reader in range(40):
        scans(ledger, "munich", range(600, 560, -1), 6, reader=f"gate-{reader}")
        scans(ledger, "munich", range(3, 2, -1), 0, 11 + reader, reader=f"gate-{reader}")
    scans(ledger, "munich", range(3, 2, -1), 9_000, reader="mass")  # as a whole the site has no surge
    (one,) = found(ledger.warehouse, of("REJECTION_SURGE"), NOW_MS).values()
    assert (one.finding.subject, one.finding.window.name) == ("site:munich", "")
    assert one.evidence["readers_that_surge"] == "40"
    assert one.evidence["rejected"] == str(sum(11 + reader for reader in range(40)))
    worst = one.evidence["most_rejected"].split(", ")
    assert (worst[0], len(worst)) == ("gate-39: 50 of 50", 10)


# Answers that are cut off.


def on_the_way(ledger: LedgerRows, *units: tuple[str, int]) -> None:
    with ledger.at_once():
        for unit, days in units:
            ledger.a_unit(unit, "IN_TRANSIT", shipped_at=text(NOW - timedelta(days=days)))


def test_what_is_stuck_for_ever_neither_hides_what_is_new_nor_what_has_ended(ledger: LedgerRows) -> None:
    few = of("OVERDUE_TRANSIT", most=2)
    on_the_way(ledger, *((f"i/stuck-{n}", 100 + n) for n in range(5)))
    watch = Watch(ledger.warehouse)
    assert look(ledger, watch, few) == [("unit:i/stuck-4", True), ("unit:i/stuck-3", True)]
    assert "cut off after 2 new ones" in watch.cut["OVERDUE_TRANSIT"]
    assert look(ledger, watch, few) == [("unit:i/stuck-2", True), ("unit:i/stuck-1", True)]
    assert look(ledger, watch, few) == [("unit:i/stuck-0", True)]
    assert watch.cut == {}
    on_the_way(ledger, ("i/new", 15))
    assert look(ledger, watch, few) == [("unit:i/new", True)]
    on_the_way(ledger, *((f"i/more-{n}", 16) for n in range(9)))
    ledger.a_unit("i/stuck-1", "RECEIVED")
    ledger.a_unit("i/new", "RECEIVED")
    new, gone = [(f"unit:i/more-{n}", True) for n in range(4)], [("unit:i/stuck-1", False), ("unit:i/new", False)]
    assert look(ledger, watch, few) == new + gone  # what has ended leaves room for others
    assert "cut off after 4 new ones" in watch.cut["OVERDUE_TRANSIT"]


def test_what_the_ledger_has_not_accounted_for_yet_is_not_taken_back_where_an_answer_is_cut_off(
    ledger: LedgerRows,
) -> None:
    few = of("OVERDUE_TRANSIT", most=1)
    on_the_way(ledger, ("i/a", 20))
    watch = Watch(ledger.warehouse)
    watch.note(watch.look(few, NOW_MS))
    on_the_way(ledger, ("i/b", 30), ("i/c", 31), ("i/d", 32))
    assert look(ledger, watch, few) == [("unit:i/d", True), ("unit:i/c", True)]


def test_beyond_so_many_that_hold_nothing_new_is_stated_until_some_hold_no_more(ledger: LedgerRows) -> None:
    few = of("OVERDUE_TRANSIT", most=2, most_standing=3)
    on_the_way(ledger, *((f"i/{n}", 100 + n) for n in range(5)))
    watch = Watch(ledger.warehouse)
    assert [len(look(ledger, watch, few)) for _ in range(3)] == [2, 1, 0]
    assert watch.cut == {"OVERDUE_TRANSIT": "the answer was cut off after 0 new ones; 3 hold already"}
    ledger.a_unit("i/3", "RECEIVED")
    assert look(ledger, watch, few) == [("unit:i/1", True), ("unit:i/3", False)]
    assert len(standing(ledger.warehouse, few)) == 3


@pytest.mark.parametrize("kind", ["SILENT_UNITS", "EXPIRY_AHEAD"])
def test_of_every_question_with_a_limit_what_holds_comes_first(ledger: LedgerRows, kind: str) -> None:
    today = (NOW.date() - datetime(1970, 1, 1, tzinfo=UTC).date()).days
    few, watch = of(kind, most=1), Watch(ledger.warehouse)
    for n in (3, 2, 1):
        seen = text(NOW - timedelta(days=50 + n))
        ledger.a_unit(f"i{n}/a", "STAGED", last_event_time=seen, site=f"s{n}", expiry_days=today - n)
    new = [look(ledger, watch, few) for _ in range(4)]
    names = {"SILENT_UNITS": "unit:i{}/a", "EXPIRY_AHEAD": "site:s{}"}[kind]
    assert new == [[(names.format(n), True)] for n in (3, 2, 1)] + [[]]
    ledger.a_unit("i9/a", "STAGED", last_event_time=seen, site="s9", expiry_days=today)
    ledger.a_unit("i8/a", "STAGED", last_event_time=seen, site="s8", expiry_days=today)
    ledger.a_unit("i3/a", "RETIRED", site="s3", last_event_time=seen)
    assert (names.format(3), False) in look(ledger, watch, few)


# What has ended by itself, and what is only out of sight.


def test_a_site_that_never_sends_again_stays_silent_and_is_not_when_it_does(ledger: LedgerRows) -> None:
    scans(ledger, "munich", range(300, 10, -1), 1)
    watch, silent = Watch(ledger.warehouse), of("SILENT_SITE")
    assert look(ledger, watch, silent) == [("site:munich", True)]
    assert look(ledger, watch, silent, NOW_MS + 401 * DAY_MS) == []
    later = text(NOW + timedelta(days=401))
    ledger.a_scan("i/a", "OBSERVE", later, site="munich", received_at=later, origin="DERIVED")
    assert look(ledger, watch, silent, NOW_MS + 402 * DAY_MS) == []
    ledger.a_scan("i/a", "OBSERVE", later, site="munich", received_at=later)
    assert look(ledger, watch, silent, NOW_MS + 402 * DAY_MS) == [("site:munich", False)]


def test_a_site_silent_since_before_a_removal_is_silent_until_it_sends_again(ledger: LedgerRows) -> None:
    scans(ledger, "munich", range(300, 10, -1), 1)
    watch, silent = Watch(ledger.warehouse), of("SILENT_SITE")
    assert look(ledger, watch, silent) == [("site:munich", True)]
    removed(ledger, NOW + timedelta(days=40))
    assert look(ledger, watch, silent, NOW_MS + 50 * DAY_MS) == []
    again = text(NOW + timedelta(days=51))
    ledger.a_scan("i/a", "OBSERVE", again, site="munich", received_at=again)
    assert look(ledger, watch, silent, NOW_MS + 52 * DAY_MS) == [("site:munich", False)]


def an_erp_states(ledger: LedgerRows, name: str, as_of: datetime, quantity: int) -> None:
    content = {"as_of": int(as_of.timestamp() * 1000), "part": 0, "parts": 1, "quantities": [["i", "munich", quantity]]}
    ledger.an_act("ERP_STATEMENT", content, subject=f"erp:{name}")


def test_a_difference_of_before_a_removal_ends_with_a_newer_statement_that_agrees(ledger: LedgerRows) -> None:
    stored = text(NOW - timedelta(days=90))
    ledger.a_scan("i/a", "STORE", stored, site="munich", state_after="STORED", received_at=stored)
    watch, differs = Watch(ledger.warehouse), of("RECONCILIATION_DIFFERENCE")
    an_erp_states(ledger, "e1", NOW - timedelta(days=80), 0)
    assert look(ledger, watch, differs) == [("site:munich", True)]
    removed(ledger, NOW - timedelta(days=70))
    assert look(ledger, watch, differs) == []  # the scan is not there any more: that proves nothing
    an_erp_states(ledger, "e2", NOW - timedelta(days=60), 3)
    assert look(ledger, watch, differs) == [("site:munich", True), ("site:munich", False)]
    an_erp_states(ledger, "e3", NOW - timedelta(days=50), 0)
    assert look(ledger, watch, differs) == [("site:munich", False)]


def test_a_difference_that_a_late_scan_explains_ends_with_the_same_statement(ledger: LedgerRows) -> None:
    an_erp_states(ledger, "e1", NOW - timedelta(days=2), 1)
    watch, differs = Watch(ledger.warehouse), of("RECONCILIATION_DIFFERENCE")
    assert look(ledger, watch, differs) == [("site:munich", True)]
    ledger.a_scan("i/a", "STORE", text(NOW - timedelta(days=3)), site="munich", state_after="STORED")
    assert look(ledger, watch, differs) == [("site:munich", False)]
