"""Lifetimes of units on rows made by hand: age, entry, endings, what is left out; both ways of asking agree."""

import itertools
import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest

from analytics.lifetimes import Asked, Ending, LedgerEnd, Lives, Origin, ledger_end, lives
from analytics.rates import Exposure, Group
from pipeline.warehouse.client import Warehouse
from tests.ledger_rows import LedgerRows

Line = tuple[str | None, int, int, str, tuple[int, ...], int]  # group, entry, exit, ending, ages, units
START = datetime(2024, 1, 1, tzinfo=UTC)


@pytest.fixture
def ledger(warehouse: Warehouse) -> LedgerRows:
    return LedgerRows(warehouse)


def lines(found: Lives) -> list[Line]:
    return sorted(
        (group, row["entry"], row["exit"], row["ending"], tuple(row["ages"]), row["units"])
        for group, rows in found.rows.items()
        for row in rows.iter_rows(named=True)
    )


def asked_of(ledger: LedgerRows, every: bool = False, **asked: object) -> list[Line]:
    return lines(lives(ledger.warehouse, Asked(**asked), every=every))  # type: ignore[arg-type]


def test_age_counts_from_the_sale_and_the_first_day_is_day_1(ledger: LedgerRows) -> None:
    ledger.a_scan("i1/a", "COMMISSION", "2024-01-01 10:00:00")
    ledger.a_scan("i1/a", "SELL", "2024-01-05 23:59:59.999")
    ledger.a_scan("i1/a", "FAIL", "2024-01-07 00:00:00")
    ledger.a_scan("i1/a", "FAIL", "2024-01-09 00:00:00")
    for exposure in Exposure:
        assert asked_of(ledger, exposure=exposure, as_of=START.replace(year=2025)) == [(None, 0, 3, "EVENT", (3,), 1)]
    assert asked_of(ledger, exposure=Exposure.OBSERVED, origin=Origin.COMMISSIONED) == [(None, 0, 7, "EVENT", (7,), 1)]
    assert asked_of(ledger, exposure=Exposure.OBSERVED, origin=Origin.FIRST_SEEN) == [(None, 0, 7, "EVENT", (7,), 1)]


@pytest.mark.parametrize(
    ("step", "other", "ending", "age"),
    [
        ("RETIRE", None, "COMPETING", 11), ("DESTROY", None, "COMPETING", 11), ("REPLACE", "i1/z", "COMPETING", 11),
        ("RELABEL", "i1/z", "CENSORED", 11), ("RELABEL", "i1/a", "CENSORED", 31), ("RELABEL", None, "CENSORED", 31),
    ],
)  # fmt: skip
def test_what_else_ends_a_unit(ledger: LedgerRows, step: str, other: str | None, ending: str, age: int) -> None:
    ledger.a_scan("i1/a", "SELL", "2024-01-01 10:00:00")
    ledger.a_scan("i1/a", step, "2024-01-11 10:00:00", other_unit=other)
    ledger.a_scan("i1/b", "OBSERVE", "2024-01-31 10:00:00")
    ledger.a_unit("i1/a", "SOLD", sold_at="2024-01-01 10:00:00")
    ledger.a_unit("i1/b", "STORED")
    for cohorts in ((), (Group.SITE,)):
        found = lives(ledger.warehouse, Asked(cohorts, exposure=Exposure.IN_SERVICE), every=False)
        assert [line[1:] for line in lines(found)] == [(0, age, ending, (), 1)]
        assert found.excluded == {"unknown_age": 1, "never_at_risk": 0}


def test_a_unit_goes_on_until_the_end_of_the_ledger_or_until_it_was_last_seen(ledger: LedgerRows) -> None:
    ledger.a_scan("i1/a", "SELL", "2024-01-01 10:00:00")
    ledger.a_scan("i1/a", "OBSERVE", "2024-01-04 10:00:00", "REPEATED", reason="DOUBLE_SCAN")
    ledger.a_scan("i1/a", "OBSERVE", "2024-01-20 10:00:00", "REJECTED", reason="ILLEGAL_TRANSITION")
    ledger.a_scan("i2/b", "OBSERVE", "2024-01-10 10:00:00", "FLAGGED", reason="UNKNOWN_SITE")
    ledger.a_unit("i1/a", "SOLD", sold_at="2024-01-01 10:00:00")
    assert asked_of(ledger, exposure=Exposure.OBSERVED) == [(None, 0, 4, "CENSORED", (), 1)]
    assert asked_of(ledger, exposure=Exposure.IN_SERVICE) == [(None, 0, 10, "CENSORED", (), 1)]


def test_a_unit_without_the_origin_is_left_out_and_never_given_age_0(ledger: LedgerRows) -> None:
    ledger.a_scan("i1/a", "COMMISSION", "2024-01-01 10:00:00")
    ledger.a_scan("i1/a", "FAIL", "2024-01-02 10:00:00")
    ledger.a_scan("i1/b", "SELL", "2024-01-01 10:00:00", "REJECTED", reason="ILLEGAL_TRANSITION")
    found = lives(ledger.warehouse, Asked(exposure=Exposure.OBSERVED), every=False)
    assert (found.rows, found.excluded) == ({}, {"unknown_age": 1, "never_at_risk": 0})


def test_a_unit_whose_early_scans_are_gone_enters_when_it_is_first_seen(ledger: LedgerRows) -> None:
    """The verdict still knows when it was sold; it cannot have failed before we could see it."""
    ledger.a_scan("i1/a", "OBSERVE", "2024-01-11 10:00:00", sold_at="2024-01-01 10:00:00")
    ledger.a_scan("i1/a", "FAIL", "2024-01-15 10:00:00", sold_at="2024-01-01 10:00:00")
    assert asked_of(ledger, exposure=Exposure.OBSERVED) == [(None, 10, 15, "EVENT", (15,), 1)]


def test_a_failure_before_the_sale_is_no_failure_of_the_sold_unit(ledger: LedgerRows) -> None:
    ledger.a_scan("i1/a", "FAIL", "2024-01-01 10:00:00")
    ledger.a_scan("i1/a", "SELL", "2024-01-05 10:00:00")
    ledger.a_scan("i1/a", "FAIL", "2024-01-08 10:00:00")
    assert asked_of(ledger, exposure=Exposure.OBSERVED) == [(None, 0, 4, "EVENT", (4,), 1)]


def test_a_unit_sold_again_has_its_age_from_its_first_sale(ledger: LedgerRows) -> None:
    ledger.a_scan("i1/a", "SELL", "2024-01-01 10:00:00", sold_at="2024-01-01 10:00:00")
    ledger.a_scan("i1/a", "RETURN", "2024-01-05 10:00:00", sold_at="2024-01-01 10:00:00")
    ledger.a_scan("i1/a", "SELL", "2024-01-10 10:00:00", sold_at="2024-01-10 10:00:00")
    ledger.a_unit("i1/a", "SOLD", sold_at="2024-01-10 10:00:00", returned_at="2024-01-05 10:00:00")
    assert asked_of(ledger, exposure=Exposure.IN_SERVICE) == [(None, 0, 10, "CENSORED", (), 1)]
    assert asked_of(ledger, exposure=Exposure.IN_SERVICE, event=Ending.RETURN) == [(None, 0, 5, "EVENT", (5,), 1)]


def test_a_failure_taken_back_ends_nothing(ledger: LedgerRows) -> None:
    ledger.a_scan("i1/a", "SELL", "2024-01-01 10:00:00")
    failed = ledger.a_scan("i1/a", "FAIL", "2024-01-05 10:00:00")
    ledger.a_scan("i1/a", "OBSERVE", "2024-01-09 10:00:00")
    ledger.a_unit("i1/a", "SOLD", sold_at="2024-01-01 10:00:00")
    ledger.a_revision(failed, "i1/a", "REJECTED", "RETRACTED")
    assert asked_of(ledger, exposure=Exposure.IN_SERVICE) == [(None, 0, 9, "CENSORED", (), 1)]


def test_with_every_event_none_ends_the_unit(ledger: LedgerRows) -> None:
    ledger.a_scan("i1/a", "SELL", "2024-01-01 10:00:00")
    for day in (3, 3, 7):
        ledger.a_scan("i1/a", "FAIL", f"2024-01-0{day} 10:00:00")
    ledger.a_scan("i1/a", "RETIRE", "2024-01-09 10:00:00")
    assert asked_of(ledger, every=True) == [(None, 0, 9, "COMPETING", (3, 3, 7), 1)]


def test_the_ledger_ends_with_its_latest_scan_that_counts_and_not_with_the_clock(ledger: LedgerRows) -> None:
    assert ledger_end(ledger.warehouse) == LedgerEnd(None, None)
    ledger.a_scan("i1/a", "OBSERVE", "2024-05-31 23:59:00", received_at="2024-06-01 00:00:00")
    ledger.a_scan("i1/a", "OBSERVE", "2024-05-20 00:00:00", "REPEATED", received_at="2024-05-20 00:00:10")
    ledger.a_scan("i1/a", "OBSERVE", "2024-06-09 00:00:00", "REJECTED", reason="SEEN_AFTER_END")
    ledger.a_scan("i1/a", "OBSERVE", "2024-06-09 00:00:00", "UNDECIDED", reason="LATE_BEYOND_TAIL")
    end = ledger_end(ledger.warehouse)
    assert end == LedgerEnd(datetime(2024, 5, 31, 23, 59, tzinfo=UTC), 60)
    assert ledger_end(ledger.warehouse, datetime(2024, 5, 30, tzinfo=UTC)).data_end == datetime(2024, 5, 30, tzinfo=UTC)


def test_as_of_a_past_day_later_scans_are_not_known(ledger: LedgerRows) -> None:
    ledger.a_scan("i1/a", "SELL", "2024-01-01 10:00:00")
    ledger.a_scan("i1/b", "OBSERVE", "2024-01-04 10:00:00")
    ledger.a_scan("i1/a", "FAIL", "2024-01-09 10:00:00")
    ledger.a_scan("i1/c", "SELL", "2024-01-09 10:00:00")
    assert asked_of(ledger, exposure=Exposure.IN_SERVICE, as_of=datetime(2024, 1, 5, tzinfo=UTC)) == [
        (None, 0, 5, "CENSORED", (), 1)
    ]


class Scan(NamedTuple):
    step: str
    day: int
    outcome: str
    lot: str | None


STEPS = ("COMMISSION", "SELL", "FAIL", "RETURN", "RETIRE", "OBSERVE", "REPLACE", "DISPENSE")


def a_random_unit(chance: random.Random) -> list[Scan]:
    days = sorted(chance.sample(range(60), chance.randint(1, 6)))
    lot = chance.choice([None, "L1", "L2"])
    weights = [5, 5, 2, 1, 1, 3, 1, 1]
    return [
        Scan(
            chance.choices(STEPS, weights)[0], day, chance.choice(["ACCEPTED", "ACCEPTED", "FLAGGED", "REPEATED"]), lot
        )
        for day in days
    ]


def put(ledger: LedgerRows, name: str, scans: list[Scan]) -> None:
    """Insert a unit's verdicts and its state, as the fold would have left it."""
    milestones: dict[str, str] = {}
    rows = []
    for scan in scans:
        when = _on(scan.day)
        if scan.outcome != "REPEATED" and scan.step in ("COMMISSION", "SELL", "DISPENSE"):
            milestones["commissioned_at" if scan.step == "COMMISSION" else "sold_at"] = when
        other = {"lot": scan.lot} | milestones
        rows.append(ledger.scan_row(name, scan.step, when, scan.outcome, **other))
    ledger.insert("unit_events", *rows)
    applied = [scan.day for scan in scans if scan.outcome != "REPEATED"]
    last = {"last_event_time": _on(applied[-1])} if applied else {}
    ledger.a_unit(name, "SOLD", **milestones, **last, lot=scans[-1].lot, applied=len(applied))


def _on(day: int) -> str:
    return (START + timedelta(days=day)).strftime("%Y-%m-%d %H:%M:%S")


def by_definition(
    scans: list[Scan], asked: Asked, data_end: int, *, every: bool
) -> tuple[int, int, str, tuple[int, ...]]:
    """Return entry, exit, ending and ages as the definition has it, day by day."""
    applied = [scan for scan in scans if scan.outcome != "REPEATED"]
    steps = {Origin.SOLD: ("SELL", "DISPENSE"), Origin.COMMISSIONED: ("COMMISSION",), Origin.FIRST_SEEN: STEPS}
    origins = [scan.day for scan in applied if scan.step in steps[asked.origin]]
    if not origins:
        return 0, 0, "UNKNOWN_AGE", ()
    origin = origins[0]
    events = [scan.day - origin + 1 for scan in applied if scan.step == str(asked.event) and scan.day >= origin]
    ends = [scan.day - origin + 1 for scan in applied if scan.step in ("RETIRE", "REPLACE") and scan.day >= origin]
    entry = max(0, applied[0].day - origin)
    if events and not every:
        return entry, events[0], "EVENT", (events[0],)
    last = ends[0] if ends else (scans[-1].day if asked.exposure is Exposure.OBSERVED else data_end) - origin + 1
    return entry, last, "COMPETING" if ends else "CENSORED", tuple(age for age in events if age <= last)


GROUPS: dict[tuple[Group, ...], Callable[[str, list[Scan]], str]] = {
    (Group.ITEM,): lambda name, scans: name[:2],
    (Group.LOT,): lambda name, scans: scans[-1].lot or "",
    (Group.SITE, Group.ITEM): lambda name, scans: f"S1, {name[:2]}",
}


@pytest.mark.parametrize("every", [False, True])
@pytest.mark.parametrize("event", list(Ending))
def test_both_ways_of_asking_are_the_definition(ledger: LedgerRows, event: Ending, every: bool) -> None:
    """By item and lot unit_state answers where it can, by site the scans do."""
    chance = random.Random(5)  # noqa: S311
    units = {f"i{chance.randint(1, 2)}/{serial}": a_random_unit(chance) for serial in range(150)}
    with ledger.at_once():
        for name, scans in units.items():
            put(ledger, name, scans)
    data_end = max(scan.day for scans in units.values() for scan in scans)
    groups = itertools.islice(itertools.cycle(GROUPS.items()), 2 * every + (event is Ending.FAIL), None)
    for (origin, exposure), (by, group_of) in zip(itertools.product(Origin, Exposure), groups, strict=False):
        asked = Asked(by, origin, exposure, event)
        expected = Counter(
            (group_of(name, scans), *by_definition(scans, asked, data_end, every=every))
            for name, scans in units.items()
            if any(scan.outcome != "REPEATED" for scan in scans)
        )
        found = lives(ledger.warehouse, asked, every=every)
        known = {key: count for key, count in expected.items() if key[3] != "UNKNOWN_AGE"}
        assert {line[:5]: line[5] for line in lines(found)} == known, asked
        assert found.excluded == {"unknown_age": sum(expected.values()) - sum(known.values()), "never_at_risk": 0}
