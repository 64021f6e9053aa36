"""Lifetimes by what scans say of units, supplier, configuration, month of sale and make, against plain Python."""

import itertools
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import pytest

from analytics.ledger_answers import Statistic, Wanted, ledger_answer
from analytics.lifetimes import Asked, Ending, Origin, lives
from analytics.rates import Exposure, Group
from pipeline.warehouse.client import Warehouse
from tests.ledger_rows import LedgerRows
from tests.random_ledger import START, Scan, a_random_ledger, known_until, lives_of

SALES, MAKES = ("SELL", "DISPENSE"), ("COMMISSION",)
ORIGINS = {Origin.SOLD: SALES, Origin.COMMISSIONED: MAKES}
Life = tuple[str, int, int, str, tuple[int, ...]]  # group, entry, exit, ending, ages


@pytest.fixture
def ledger(warehouse: Warehouse) -> LedgerRows:
    return LedgerRows(warehouse)


def first_said(life: list[Scan], name: str) -> str:
    return next((scan.said(name) for scan in life if scan.is_applied and scan.said(name)), "")


def first_month(life: list[Scan], steps: Sequence[str]) -> str:
    return next((scan.time.strftime("%Y-%m") for scan in life if scan.is_applied and scan.step in steps), "")


GROUPS: dict[Group, Callable[[list[Scan]], str]] = {
    Group.ITEM: lambda life: life[0].item,
    Group.SUPPLIER: lambda life: first_said(life, "supplier"),
    Group.CONFIGURATION: lambda life: first_said(life, "configuration"),
    Group.MONTH_SOLD: lambda life: first_month(life, SALES),
    Group.MONTH_MADE: lambda life: first_month(life, MAKES),
}
SPLITS: list[tuple[Group, ...]] = [
    (Group.SUPPLIER,),
    (Group.ITEM, Group.CONFIGURATION),
    (Group.MONTH_MADE, Group.SUPPLIER),
    (Group.CONFIGURATION, Group.MONTH_SOLD),
]


def by_definition(life: list[Scan], asked: Asked, end: datetime) -> tuple[int, int, str, tuple[int, ...]] | None:
    """Returns entry, exit, ending and ages of a unit by the words of the definition; None without an age."""
    applied = [scan for scan in life if scan.is_applied]
    steps = ORIGINS.get(asked.origin)
    start = next((scan.time for scan in applied if steps is None or scan.step in steps), None)
    if start is None:
        return None

    def age(moment: datetime) -> int:
        return (moment.date() - start.date()).days + 1

    entry = max(age(applied[0].time) - 1, 0)
    since = [scan for scan in applied if scan.time >= start]
    events = [age(scan.time) for scan in since if scan.step == asked.event]
    if events:
        return entry, events[0], "EVENT", (events[0],)
    ends = [age(scan.time) for scan in since if scan.step == "RETIRE"]
    if ends:
        return entry, ends[0], "COMPETING", ()
    return entry, age(life[-1].time if asked.exposure is Exposure.OBSERVED else end), "CENSORED", ()


def expected(scans: list[Scan], asked: Asked, end: datetime) -> tuple[Counter[Life], Counter[str]]:
    """Returns the lives with their group, and what was left out by why."""
    counted, excluded = Counter[Life](), Counter[str]()
    for life in lives_of(
        scans, lambda scan: scan.outcome in {"ACCEPTED", "FLAGGED", "REPEATED"} and scan.step != "VOID"
    ):
        if not any(scan.is_applied for scan in life):
            continue
        found = by_definition(life, asked, end)
        names = [GROUPS[group](life) for group in asked.by]
        if found is None:
            excluded["unknown_age"] += 1
        elif all(names):
            counted[", ".join(names), *found] += 1
        else:
            excluded[f"no_{asked.by[names.index('')].column}"] += 1
    return counted, excluded


@pytest.mark.parametrize(("seed", "as_of"), [(5, None), (6, START + timedelta(days=70))])
def test_lives_by_what_scans_say_are_the_definition(ledger: LedgerRows, seed: int, as_of: datetime | None) -> None:
    scans, end = known_until(a_random_ledger(ledger, seed), as_of)
    left_out = Counter[str]()
    for place, (origin, exposure, event) in enumerate(itertools.product(Origin, Exposure, Ending)):
        by = SPLITS[(place + place // len(SPLITS) + seed) % len(SPLITS)]  # another at each origin
        asked = Asked(by, origin, exposure, event, as_of)
        found = lives(ledger.warehouse, asked, every=False)
        shown = Counter(
            {
                (group, row["entry"], row["exit"], row["ending"], tuple(row["ages"])): row["units"]
                for group, rows in found.rows.items()
                for row in rows.iter_rows(named=True)
            }
        )
        counted, excluded = expected(scans, asked, end)
        assert shown == counted, asked
        assert {why: units for why, units in found.excluded.items() if units} == excluded, asked
        left_out += excluded
    assert set(left_out) >= {"unknown_age", "no_supplier", "no_configuration", "no_month_made", "no_month_sold"}


def said(name: str, value: str) -> list[dict[str, str]]:
    return [{"name": name, "value": value}]


def test_a_unit_under_a_new_label_keeps_its_supplier_and_its_months(ledger: LedgerRows) -> None:
    ledger.a_scan("i1/a", "COMMISSION", "2023-12-30 10:00:00", attributes=said("supplier", "X"))
    ledger.a_scan("i1/a", "SELL", "2024-01-01 10:00:00", sold_at="2024-01-01 10:00:00")
    ledger.a_scan("i1/a", "RELABEL", "2024-02-01 10:00:00", other_unit="i2/b", sold_at="2024-01-01 10:00:00")
    ledger.a_scan("i2/b", "FAIL", "2024-02-03 10:00:00", sold_at="2024-01-01 10:00:00")
    ledger.a_unit("i1/a", "RETIRED", last_event_time="2024-02-01 10:00:00", alias_of="i2/b")
    ledger.a_unit("i2/b", "FAILED", last_event_time="2024-02-03 10:00:00")
    found = lives(ledger.warehouse, Asked((Group.SUPPLIER, Group.MONTH_MADE, Group.MONTH_SOLD)), every=False)
    assert found.excluded == {
        "unknown_age": 0, "never_at_risk": 0, "no_supplier": 0, "no_month_made": 0, "no_month_sold": 0,
    }  # fmt: skip
    ((group, rows),) = found.rows.items()
    assert group == "X, 2023-12, 2024-01"
    assert rows.select("entry", "exit", "ending").rows() == [(0, 32, "CENSORED"), (33, 34, "EVENT")]


def test_a_sale_that_only_verdicts_still_know_of_has_its_month(ledger: LedgerRows) -> None:
    ledger.a_scan("i1/a", "OBSERVE", "2024-03-11 10:00:00", sold_at="2024-01-31 23:59:59")
    ledger.a_scan("i1/a", "FAIL", "2024-03-15 10:00:00", sold_at="2024-01-31 23:59:59")
    found = lives(ledger.warehouse, Asked((Group.MONTH_SOLD,)), every=False)
    assert list(found.rows) == ["2024-01"]


@pytest.mark.parametrize("statistic", list(Statistic))
def test_what_no_site_sends_is_not_reported(ledger: LedgerRows, statistic: Statistic) -> None:
    """What a rejected scan stated is not known, and a blank is nothing stated."""
    ledger.a_scan("i1/a", "SELL", "2024-01-05 10:00:00", attributes=said("supplier", ""))
    ledger.a_scan("i1/b", "SELL", "2024-01-05 10:00:00", attributes=said("configuration", "K1"))
    ledger.a_scan("i1/b", "FAIL", "2024-01-08 10:00:00", "REJECTED", attributes=said("supplier", "X"))
    nothing = ledger_answer(ledger.warehouse, Asked((Group.SUPPLIER,)), Wanted(statistic))
    assert (nothing["n"], nothing["excluded"]) == (0, {"unknown_age": 0, "never_at_risk": 0, "no_supplier": 2})
    some = ledger_answer(ledger.warehouse, Asked((Group.CONFIGURATION,)), Wanted(statistic))
    assert (some["n"], some["excluded"]["no_configuration"]) == (1, 1)
    assert some["by"] == ["configuration"]
