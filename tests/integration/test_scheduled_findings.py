"""Scheduled questions on rows made by hand: what is found is stated once, and taken back when it is found no more."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from analytics.findings import AUTHOR, Scheduled, Stated, Watch, found, schedule, standing
from pipeline.domain.finding import content_of
from pipeline.domain.verdict import FINDING_KINDS
from pipeline.warehouse.client import Warehouse
from tests.ledger_rows import LedgerRows

NOW = datetime(2024, 6, 20, 12, 30, tzinfo=UTC)
NOW_MS = int(NOW.timestamp() * 1000)


@pytest.fixture
def ledger(warehouse: Warehouse) -> LedgerRows:
    return LedgerRows(warehouse)


def of(kind: str) -> Scheduled:
    return next(one for one in schedule() if one.kind == kind)


def scans(ledger: LedgerRows, site: str, ago: list[timedelta], **fields: object) -> None:
    """Inserts scans that were received so long before now."""
    whens = [f"{NOW - one:%Y-%m-%d %H:%M:%S}" for one in ago]
    rows = [ledger.scan_row("i/a", "OBSERVE", when, "ACCEPTED", site=site, received_at=when) | fields for when in whens]
    ledger.insert("unit_events", *rows)


def hourly(first: int, last: int, times: int = 1) -> list[timedelta]:
    """Returns so many moments of each hour from `first` hours ago to `last` hours ago."""
    return [timedelta(hours=hour, minutes=minute) for hour in range(first, last, -1) for minute in range(times)]


def told(ledger: LedgerRows, stated: list[Stated]) -> None:
    """Lets the ledger have accounted for statements."""
    for finding, evidence in stated:
        content = json.loads(content_of(finding, evidence))
        ledger.an_act("FINDING", content, subject=finding.subject)
        ledger.warehouse.command(
            f"ALTER TABLE acts UPDATE id = '{finding.id}', author = '{AUTHOR}' WHERE ordinal ="
            " (SELECT max(ordinal) FROM acts) SETTINGS mutations_sync = 1"
        )


def subjects(stated: Mapping[str, Stated]) -> list[str]:
    return [one.finding.subject for one in stated.values()]


def test_every_scheduled_kind_is_a_kind_of_findings() -> None:
    assert {one.kind for one in schedule()} <= set(FINDING_KINDS)


def test_a_site_is_silent_after_longer_than_it_ever_was_and_not_where_that_is_usual(ledger: LedgerRows) -> None:
    scans(ledger, "munich", hourly(300, 10))
    scans(ledger, "berlin", hourly(300, 150) + hourly(100, 10))  # 50 hours of silence are usual here
    scans(ledger, "oslo", hourly(300, 0))
    scans(ledger, "shed", hourly(60, 10))  # too few to say
    scans(ledger, "derived", hourly(300, 10), origin="DERIVED")
    rows = found(ledger.warehouse, of("SILENT_SITE"), NOW_MS)
    assert subjects(rows) == ["site:munich"]
    (stated,) = rows.values()
    last = NOW - timedelta(hours=11)
    assert (stated.finding.window.begin, stated.finding.window.end) == (int(last.timestamp() * 1000), None)
    assert stated.evidence["silent_hours"] == "11"


def test_a_unit_on_its_way_for_too_long_is_overdue_until_it_arrives(ledger: LedgerRows) -> None:
    for unit, days, state in (("i/a", 20, "IN_TRANSIT"), ("i/b", 3, "IN_TRANSIT"), ("i/c", 20, "RECEIVED")):
        shipped = f"{NOW - timedelta(days=days):%Y-%m-%d %H:%M:%S}"
        ledger.a_unit(unit, state, shipped_at=shipped, site="munich")
    assert subjects(found(ledger.warehouse, of("OVERDUE_TRANSIT"), NOW_MS)) == ["unit:i/a"]


def test_a_relabelled_unit_on_its_way_is_overdue_once_under_its_present_label(ledger: LedgerRows) -> None:
    shipped = f"{NOW - timedelta(days=20):%Y-%m-%d %H:%M:%S}"
    ledger.a_unit("i/old", "IN_TRANSIT", shipped_at=shipped, alias_of="i/new")
    ledger.a_unit("i/new", "IN_TRANSIT", shipped_at=shipped)
    assert subjects(found(ledger.warehouse, of("OVERDUE_TRANSIT"), NOW_MS)) == ["unit:i/new"]


def test_a_surge_of_rejections_is_found_of_the_reader_and_the_site_in_its_hour(ledger: LedgerRows) -> None:
    usual = hourly(300, 30, 5)
    scans(ledger, "munich", usual, reader="gate-1")
    scans(ledger, "munich", usual, reader="gate-2")
    scans(ledger, "munich", hourly(5, 4, 40), reader="gate-1", outcome="REJECTED")
    scans(ledger, "berlin", usual)
    scans(ledger, "berlin", hourly(5, 4, 5), outcome="REJECTED")  # fewer than count
    rows = found(ledger.warehouse, of("REJECTION_SURGE"), NOW_MS)
    assert {(one.finding.subject, one.finding.window.name) for one in rows.values()} == {
        ("site:munich", ""), ("site:munich", "gate-1"),
    }  # fmt: skip


def test_a_unit_that_should_move_on_and_is_seen_by_nobody_is_silent_until_it_is_seen(ledger: LedgerRows) -> None:
    for unit, days, state, more in (
        ("i/a", 40, "STAGED", {}), ("i/b", 29, "STAGED", {}), ("i/c", 40, "STORED", {}),
        ("i/d", 40, "PACKED", {"container": "sscc:1"}), ("i/e", 40, "PACKED", {"alias_of": "i/a"}),
    ):  # fmt: skip
        seen = f"{NOW - timedelta(days=days):%Y-%m-%d %H:%M:%S}"
        ledger.a_unit(unit, state, last_event_time=seen, site="munich", **more)
    rows = found(ledger.warehouse, of("SILENT_UNITS"), NOW_MS)
    assert subjects(rows) == ["unit:i/a"]
    (stated,) = rows.values()
    begin = int((NOW - timedelta(days=40)).timestamp() * 1000)
    assert (stated.finding.window.begin, stated.finding.window.end) == (begin, None)
    assert (stated.finding.site, stated.evidence["state"]) == ("munich", "STAGED")
    ledger.a_unit("i/a", "STAGED", last_event_time=f"{NOW:%Y-%m-%d %H:%M:%S}", site="munich")
    assert found(ledger.warehouse, of("SILENT_UNITS"), NOW_MS) == {}


def test_what_expires_soon_or_has_expired_is_found_by_site_item_and_day_as_long_as_it_is_there(
    ledger: LedgerRows,
) -> None:
    today = (NOW.date() - date(1970, 1, 1)).days
    for unit, days, state, site in (
        ("i/a", 30, "STORED", "munich"), ("i/b", 30, "STORED", "munich"), ("i/c", 31, "STORED", "munich"),
        ("i/d", -3, "RECEIVED", "munich"), ("i/e", 2, "SOLD", "munich"), ("j/f", 30, "STORED", "oslo"),
    ):  # fmt: skip
        ledger.a_unit(unit, state, expiry_days=today + days, site=site, lot="L1")
    rows = found(ledger.warehouse, of("EXPIRY_AHEAD"), NOW_MS)
    assert [(one.finding.subject, one.finding.window.name, one.evidence["units"]) for one in rows.values()] == [
        ("site:munich", "i", "1"), ("site:munich", "i", "2"), ("site:oslo", "j", "1"),
    ]  # fmt: skip
    assert [one.finding.window.end for one in rows.values()] == [(today + days) * 86_400_000 for days in (-3, 30, 30)]
    later = found(ledger.warehouse, of("EXPIRY_AHEAD"), NOW_MS + 86_400_000)
    assert set(rows) < set(later)


def test_stays_that_have_become_longer_are_found_of_their_site_and_step_in_the_last_seven_days(
    ledger: LedgerRows,
) -> None:
    rows = []
    for day in range(1, 60):
        for n in range(6):
            for site, hours in (("munich", 4 + n if day > 8 else 30 + 9 * n), ("oslo", 4 + n)):
                unit, began = f"i/{site}{day}-{n}", NOW.replace(hour=1, minute=n) - timedelta(days=day)
                rows.append(moved(ledger, unit, "STAGE", began, site))
                rows.append(moved(ledger, unit, "OBSERVE", began + timedelta(hours=1), site))
                if (ended := began + timedelta(hours=hours)) < NOW:
                    rows.append(moved(ledger, unit, "SHIP", ended, site))
    ledger.insert("unit_events", *rows)
    (stated,) = found(ledger.warehouse, of("DWELL_SHIFT"), NOW_MS).values()
    assert (stated.finding.subject, stated.finding.window.name) == ("site:munich", "STAGE")
    assert (stated.evidence["dwell"], stated.finding.site) == ("longer", "munich")
    midnight = int(NOW.replace(hour=0, minute=0).timestamp() * 1000)
    assert (stated.finding.window.begin, stated.finding.window.end) == (midnight - 7 * 86_400_000, midnight)
    assert of("DWELL_SHIFT").begins_ms(NOW_MS) <= stated.finding.window.begin


def moved(ledger: LedgerRows, unit: str, step: str, when: datetime, site: str) -> dict[str, object]:
    """Returns the row of an applied scan."""
    return ledger.scan_row(unit, step, f"{when:%Y-%m-%d %H:%M:%S}", "ACCEPTED", site=site)


def test_what_is_found_is_stated_once_and_taken_back_when_it_is_found_no_more(ledger: LedgerRows) -> None:
    scans(ledger, "munich", hourly(300, 10))
    watch, silent = Watch(ledger.warehouse), of("SILENT_SITE")
    (first,) = watch.look(silent, NOW_MS)
    assert watch.look(silent, NOW_MS) == [first]  # nobody has noted that it was sent
    watch.note([first])
    assert watch.look(silent, NOW_MS + 60_000) == []
    scans(ledger, "munich", [timedelta(minutes=1)])
    (gone,) = watch.look(silent, NOW_MS + 60_000)
    assert gone.finding == replace(first.finding, holds=False)
    watch.note([gone])
    assert watch.look(silent, NOW_MS + 60_000) == []


def test_another_process_goes_on_with_what_the_ledger_has_accounted_for(ledger: LedgerRows) -> None:
    scans(ledger, "munich", hourly(300, 10))
    silent = of("SILENT_SITE")
    stated = Watch(ledger.warehouse).look(silent, NOW_MS)
    told(ledger, stated)
    assert standing(ledger.warehouse, silent) == {one.finding.id: one.finding for one in stated}
    assert Watch(ledger.warehouse).look(silent, NOW_MS) == []


def test_a_silent_site_is_not_taken_back_because_its_scans_were_removed(ledger: LedgerRows) -> None:
    scans(ledger, "munich", hourly(300, 10))
    watch = Watch(ledger.warehouse)
    stated = watch.look(of("SILENT_SITE"), NOW_MS)
    assert [(one.finding.subject, one.finding.holds) for one in stated] == [("site:munich", True)]
    watch.note(stated)
    ledger.an_act("RETENTION", {"before": NOW_MS, "last_ordinal": 1000}, subject="retention")
    ledger.warehouse.command("TRUNCATE TABLE unit_events")
    assert watch.look(of("SILENT_SITE"), NOW_MS) == []


def test_a_surge_stays_when_its_hour_is_too_long_ago_to_be_looked_at(ledger: LedgerRows) -> None:
    scans(ledger, "munich", hourly(300, 30, 5))
    scans(ledger, "munich", hourly(5, 4, 40), outcome="REJECTED")
    watch, surge = Watch(ledger.warehouse), of("REJECTION_SURGE")
    watch.note(watch.look(surge, NOW_MS))
    assert watch.look(surge, NOW_MS + 48 * 3_600_000) == []


def test_each_question_is_due_at_once_and_then_after_its_interval(ledger: LedgerRows) -> None:
    watch = Watch(ledger.warehouse)
    assert len(watch.due(100.0)) == len(schedule())
    assert watch.due(130.0) == []
    often = {one.kind for one in schedule() if one.every_seconds == 60}
    assert {one.kind for one in watch.due(160.9)} == often
    assert watch.due(219.9) == []
    assert {one.kind for one in watch.due(220.0)} == often  # an interval after it was due, not after it was asked
    assert len(watch.due(100.0 + 3600)) == len(schedule())
