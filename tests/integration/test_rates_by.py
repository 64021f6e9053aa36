"""Rates by what else is known of units, and soon after their sale, against the same words in plain Python."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from analytics.rate_answers import AskedRate, RateKind, rate_answer
from analytics.rates import Exposure, Group, damage_rates, failure_rates, return_rates, return_rates_within
from analytics.reports.registry import report_answer
from pipeline.warehouse.client import Warehouse
from tests.ledger_rows import LedgerRows
from tests.random_ledger import START, Scan, a_random_ledger, known_until, lives_of

AS_OF = START + timedelta(days=70)
NOWHERE = "No unit with an item was seen at a site that states a condition."
Key = tuple[str, ...]


@pytest.fixture
def ledger(warehouse: Warehouse) -> LedgerRows:
    return LedgerRows(warehouse)


def is_counted(scan: Scan) -> bool:
    return scan.outcome in {"ACCEPTED", "FLAGGED", "REPEATED"} and scan.step != "VOID"


def first_month(life: list[Scan], *steps: str) -> str:
    return next((scan.time.strftime("%Y-%m") for scan in life if scan.is_applied and scan.step in steps), "")


GROUPS: dict[Group, Callable[[list[Scan]], str]] = {
    Group.ITEM: lambda life: life[0].item,
    Group.SITE: lambda life: life[0].site,
    Group.SUPPLIER: lambda life: next((s.said("supplier") for s in life if s.is_applied and s.said("supplier")), ""),
    Group.MONTH_SOLD: lambda life: first_month(life, "SELL", "DISPENSE"),
    Group.MONTH_MADE: lambda life: first_month(life, "COMMISSION"),
}
SPLITS: list[tuple[Group, ...]] = [
    (),
    (Group.SUPPLIER,),
    (Group.MONTH_SOLD, Group.ITEM),
    (Group.MONTH_MADE, Group.SITE),
]


def key_of(by: Sequence[Group], life: list[Scan], sites: set[str] | None) -> Key:
    """Returns the group of a unit; its site, where there are `sites`, is the first of them that it was applied at."""
    own = (
        {}
        if sites is None
        else {Group.SITE: lambda life: next(s.site for s in life if s.is_applied and s.site in sites)}
    )
    return tuple((GROUPS | own)[group](life) for group in by)


def found(rows: list[dict[str, Any]], by: Sequence[Group], *counts: str) -> dict[Key, tuple[int, ...]]:
    return {tuple(row[group.column] for group in by): tuple(row[count] for count in counts) for row in rows}


def summed(
    scans: list[Scan],
    by: Sequence[Group],
    count: Callable[[list[Scan]], Sequence[int] | None],
    sites: set[str] | None = None,
) -> dict[Key, tuple[int, ...]]:
    """Returns the sums of what each unit counts, by group; a unit that counts nothing is in no group."""
    sums: dict[Key, list[int]] = defaultdict(list)
    for life in lives_of(scans, is_counted):
        numbers = count(life)
        if numbers is not None:
            key = key_of(by, life, sites)
            before = sums[key] or [0] * len(numbers)
            sums[key] = [a + b for a, b in zip(before, numbers, strict=True)]
    return {key: tuple(numbers) for key, numbers in sums.items()}


def observed(life: list[Scan]) -> Sequence[int]:
    days = (life[-1].time.date() - life[0].time.date()).days + 1
    return 1, days, sum(scan.is_applied and scan.step == "FAIL" for scan in life)


def damaged(sites: set[str]) -> Callable[[list[Scan]], Sequence[int] | None]:
    """Returns what a unit counts where these sites state conditions."""

    def count(life: list[Scan]) -> Sequence[int] | None:
        applied = [scan for scan in life if scan.is_applied]
        if not any(scan.site in sites for scan in applied):
            return None
        return 1, any("damaged" in (scan.condition or "").split() for scan in applied)

    return count


def stating(scans: list[Scan]) -> set[str]:
    return {scan.site for scan in scans if scan.is_applied and scan.condition}


def returned(within: int, end: datetime) -> Callable[[list[Scan]], Sequence[int] | None]:
    def count(life: list[Scan]) -> Sequence[int] | None:
        applied = [scan for scan in life if scan.is_applied]
        sales = [scan.time for scan in applied if scan.step in {"SELL", "DISPENSE"}]
        if not sales:
            return None
        if within and sales[0] + timedelta(days=within) > end:
            return 0, 0, 1
        last = sales[0] + timedelta(days=within or 10_000)
        return 1, any(scan.step == "RETURN" and sales[0] <= scan.time <= last for scan in applied), 0

    return count


@pytest.mark.parametrize(("seed", "as_of"), [(5, None), (6, AS_OF)])
def test_rates_by_every_attribute_count_what_plain_python_counts(
    ledger: LedgerRows, seed: int, as_of: datetime | None
) -> None:
    scans, end = known_until(a_random_ledger(ledger, seed), as_of)
    warehouse = ledger.warehouse
    for by in SPLITS:
        rows = failure_rates(warehouse, by, Exposure.OBSERVED, end)
        assert found(rows, by, "units", "unit_days", "failures") == summed(scans, by, observed)
        sites = stating(scans)
        expected = summed(scans, by, damaged(sites), sites)
        assert found(damage_rates(warehouse, by, end), by, "units", "damaged") == expected
        ever = summed(scans, by, returned(0, end))
        assert found(return_rates(warehouse, by, end), by, "units", "returns") == {k: v[:2] for k, v in ever.items()}
        for days in (10, 30, 365):
            soon = return_rates_within(warehouse, [days], end, by)
            assert found(soon, by, "units", "returns", "sold_later") == summed(scans, by, returned(days, end))
            assert all((row["rate"] is None) == (row["units"] == 0) for row in soon)


def test_in_service_by_month_sold_has_the_units_of_that_month(ledger: LedgerRows) -> None:
    ledger.a_scan("i1/a", "COMMISSION", "2024-01-05 10:00:00")
    ledger.a_scan("i1/a", "SELL", "2024-02-01 10:00:00")
    ledger.a_scan("i1/b", "COMMISSION", "2024-01-31 23:00:00", attributes=[{"name": "configuration", "value": "K2"}])
    ledger.a_scan("i1/b", "FAIL", "2024-02-10 10:00:00")
    rows = failure_rates(
        ledger.warehouse, [Group.MONTH_SOLD, Group.MONTH_MADE, Group.CONFIGURATION], Exposure.IN_SERVICE
    )
    names = ("month_sold", "month_made", "configuration", "unit_days", "failures")
    assert sorted(tuple(row[name] for name in names) for row in rows) == [
        ("", "2024-01", "K2", 11, 1), ("2024-02", "2024-01", "", 10, 0),
    ]  # fmt: skip


def test_what_no_site_sends_is_not_reported(ledger: LedgerRows) -> None:
    ledger.a_scan("i1/a", "SELL", "2024-01-05 10:00:00")
    ledger.a_scan("i1/b", "SELL", "2024-01-05 10:00:00", "REJECTED", attributes=[{"name": "supplier", "value": "X"}])
    for kind in RateKind:
        answer = rate_answer(ledger.warehouse, AskedRate(kind, [Group.ITEM, Group.SUPPLIER]))
        assert answer["rows"] == []
        assert "no unit that counts has the attribute `supplier`" in answer["reason"]
    assert damage_rates(ledger.warehouse, [Group.ITEM]) == []
    assert rate_answer(ledger.warehouse, AskedRate(RateKind.RETURN, [Group.ITEM]))["n"] == 1


def test_damage_leaves_out_what_is_seen_where_no_condition_is_stated_and_says_so(ledger: LedgerRows) -> None:
    """Of four units one is broken at the shop, and one is never seen there; the pallet has no item."""
    for serial in "abcd":
        ledger.a_scan(f"i1/{serial}", "COMMISSION", f"2024-01-05 10:0{ord(serial) - ord('a')}:00", site="factory")
    for serial, condition in (("a", "damaged"), ("b", "sellable"), ("c", None)):
        ledger.a_scan(f"i1/{serial}", "RECEIVE", "2024-01-06 10:00:00", site="shop", condition=condition)
    ledger.a_scan("sscc:095060001343520000", "RECEIVE", "2024-01-06 11:00:00", site="shop")
    answer = rate_answer(ledger.warehouse, AskedRate(RateKind.DAMAGE, [Group.ITEM, Group.SITE]))
    report = report_answer(ledger.warehouse, "damage")
    names = ("item", "site", "units", "damaged")
    assert [[row[name] for name in names] for row in answer["rows"]] == [["i1", "shop", 3, 1]]
    assert [[row[name] for name in names] for row in report["rows"]] == [["i1", "shop", 3, 1]]
    assert [answer["rows"][0][name] for name in ("rate", "low", "high")] == [
        report["rows"][0][name] for name in ("damage_share", "damage_share_low", "damage_share_high")
    ]
    assert report["excluded"] == {"sites_that_state_no_condition": 1}
    assert answer["excluded"] == {
        "units_where_no_condition_is_stated": 1, "units_without_item": 1, "sites_that_state_no_condition": 1,
    }  # fmt: skip
    assert set(answer["why_excluded"]) == set(answer["excluded"])


def test_where_no_site_states_a_condition_there_is_no_share_of_damage(ledger: LedgerRows) -> None:
    ledger.a_scan("i1/a", "SELL", "2024-01-05 10:00:00")
    answer = rate_answer(ledger.warehouse, AskedRate(RateKind.DAMAGE))
    assert (answer["rows"], answer["reason"]) == ([], NOWHERE)
    assert answer["excluded"] == {"units_where_no_condition_is_stated": 1, "sites_that_state_no_condition": 1}


def test_where_conditions_are_of_containers_alone_no_unit_is_said_to_be_seen_there(ledger: LedgerRows) -> None:
    ledger.a_scan("i1/a", "SELL", "2024-01-05 10:00:00", site="shop")
    ledger.a_scan("sscc:095060001343520000", "RECEIVE", "2024-01-06 11:00:00", site="dock", condition="damaged")
    answer = rate_answer(ledger.warehouse, AskedRate(RateKind.DAMAGE))
    report = report_answer(ledger.warehouse, "damage")
    assert (answer["rows"], answer["reason"]) == (report["rows"], report["reason"]) == ([], NOWHERE)
    assert answer["excluded"]["units_without_item"] == 1


@pytest.mark.parametrize("group", [Group.SUPPLIER, Group.CONFIGURATION])
def test_what_is_stated_only_of_units_that_do_not_count_is_not_reported(ledger: LedgerRows, group: Group) -> None:
    """The unit with a supplier is seen where no condition is stated, and was neither sold nor commissioned."""
    ledger.a_scan("i1/a", "SELL", "2024-01-05 10:00:00", site="shop", condition="sellable")
    stated = [{"name": str(group), "value": "X"}]
    ledger.a_scan("i1/b", "OBSERVE", "2024-01-05 10:00:00", site="yard", attributes=stated)
    damage = rate_answer(ledger.warehouse, AskedRate(RateKind.DAMAGE, [group]))
    assert damage["rows"] == []
    assert damage["excluded"] == {"units_where_no_condition_is_stated": 1, "sites_that_state_no_condition": 1}
    failure = rate_answer(ledger.warehouse, AskedRate(RateKind.FAILURE, [group], Exposure.IN_SERVICE))
    assert (failure["rows"], failure["excluded"]) == ([], {"unknown_age": 1})
    assert f"no unit that counts has the attribute `{group}`" in failure["reason"]
    ledger.a_scan("i1/c", "SELL", "2024-01-05 10:00:00", site="shop", attributes=stated)
    rows = rate_answer(ledger.warehouse, AskedRate(RateKind.DAMAGE, [group]))["rows"]
    assert [(row[str(group)], row["units"]) for row in rows] == [("", 1), ("X", 1)]


def test_an_answer_names_the_end_of_the_data_and_who_was_sold_too_late(ledger: LedgerRows) -> None:
    ledger.a_scan("i1/a", "SELL", "2024-01-05 10:00:00", received_at="2024-01-05 10:00:30")
    ledger.a_scan("i1/b", "SELL", "2024-02-04 10:00:01", received_at="2024-02-04 10:00:02")
    ledger.a_scan("i1/a", "RETURN", "2024-02-04 10:00:00", received_at="2024-02-04 10:00:02")
    answer = rate_answer(ledger.warehouse, AskedRate(RateKind.RETURN, within=(30, 90)))
    assert answer["data_end"] == "2024-02-04T10:00:01.000+00:00"
    assert answer["p95_delay_seconds"] == 30
    assert answer["excluded"] == {"sold_too_late_for_30": 1, "sold_too_late_for_90": 2}
    assert [(row["within_days"], row["units"], row["returns"], row["rate"]) for row in answer["rows"]] == [
        (30, 1, 1, 1.0), (90, 0, 0, None),
    ]  # fmt: skip
    assert list(answer["rows"][0]) == [column["name"] for column in answer["columns"]]
    assert answer["why_excluded"]["sold_too_late_for_90"].startswith("sold less than 90 days before data_end")
