"""Lead times, dwell and times to return: which lives they count, and what quantiles and shifts they make of them."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from math import ceil
from typing import Any

import pytest

from analytics.reports.registry import report_answer
from pipeline.warehouse.client import Warehouse
from tests.ledger_rows import LedgerRows
from tests.random_ledger import ON_HAND, START, Scan, a_random_ledger, known_until, lives_of

CASES = [(3, None), (4, START + timedelta(days=70))]
SHIPPING = {"SHIP", "RECEIVE", "CANCEL_SHIPMENT", "RETURN", "SELL", "DISPENSE", "RETIRE"}
Life = tuple[tuple[str, ...], datetime, datetime | None, bool]  # group, begin, end, whether the end is the event


@pytest.fixture
def ledger(warehouse: Warehouse) -> LedgerRows:
    return LedgerRows(warehouse)


def stays(scans: Iterable[Scan]) -> list[Life]:
    found: list[Life] = []
    for life in lives_of(list(scans), lambda scan: scan.is_applied and scan.is_move):
        for scan, following in zip(life, [*life[1:], None], strict=True):
            if scan.after in ON_HAND:
                found.append(((scan.site, scan.step), scan.time, following and following.time, following is not None))
    return found


def shipments(scans: list[Scan]) -> list[Life]:
    supplier = {}
    for life in lives_of(scans):
        supplier[life[0].unit] = next((scan.said("supplier") for scan in life if scan.said("supplier")), "")
    found: list[Life] = []
    for life in lives_of(scans, lambda scan: scan.is_applied and scan.step in SHIPPING):
        begun: Scan | None = None
        for scan in life:
            if begun is not None and scan.step == "SHIP" and (
                scan.destination == begun.destination or (not scan.destination and scan.site != begun.destination)
            ):  # fmt: skip
                continue
            if begun is not None:
                is_there = scan.step == "RECEIVE" and scan.site == begun.destination
                found.append((_route(begun, supplier), begun.time, scan.time, is_there))
            begun = scan if scan.step == "SHIP" and scan.destination else None
        if begun is not None:
            found.append((_route(begun, supplier), begun.time, None, False))
    return found


def _route(begun: Scan, supplier: dict[str, str]) -> tuple[str, ...]:
    return supplier[begun.unit], begun.site, str(begun.destination)


def median_of(lives: list[Life], end: datetime) -> float | None:
    """Returns the Kaplan-Meier median in days, straight from its definition."""
    times = [
        (max(ceil(((stop or end) - begin).total_seconds() / 60), 1), is_event) for _, begin, stop, is_event in lives
    ]
    survival = 1.0
    for time in sorted({time for time, is_event in times if is_event}):
        at_risk = sum(each >= time for each, _ in times)
        survival *= 1 - sum(each == time and is_event for each, is_event in times) / at_risk
        if survival <= 0.5 + 1e-12:
            return time / 1440
    return None


def check(
    answer: dict[str, Any], groups: tuple[str, ...], counts: tuple[str, ...], lives: list[Life], end: datetime
) -> None:
    by_group: dict[tuple[str, ...], list[Life]] = {}
    for life in lives:
        by_group.setdefault(life[0], []).append(life)
    assert len(by_group) > 3
    found = {tuple(row[name] for name in groups): row for row in answer["rows"]}
    assert set(found) == set(by_group)
    for group, those in by_group.items():
        happened, still = sum(life[3] for life in those), sum(life[2] is None for life in those)
        expected = (len(those), happened, still, len(those) - happened - still)
        assert tuple(found[group][name] for name in counts) == expected[: len(counts)]
        assert found[group]["median_days"] == median_of(those, end)


@pytest.mark.parametrize(("seed", "as_of"), CASES)
def test_dwell(ledger: LedgerRows, seed: int, as_of: datetime | None) -> None:
    scans, end = known_until(a_random_ledger(ledger, seed), as_of)
    answer = report_answer(ledger.warehouse, "dwell", as_of)
    check(answer, ("site", "step"), ("stays", "ended", "open"), stays(scans), end)


@pytest.mark.parametrize(("seed", "as_of"), CASES)
def test_lead_times(ledger: LedgerRows, seed: int, as_of: datetime | None) -> None:
    scans, end = known_until(a_random_ledger(ledger, seed, scans=700), as_of)
    answer = report_answer(ledger.warehouse, "lead-times", as_of)
    names = ("supplier", "site", "destination")
    check(answer, names, ("shipments", "received", "open", "diverted"), shipments(scans), end)
    nowhere = sum(scan.is_applied and scan.step == "SHIP" and not scan.destination for scan in scans)
    assert answer["excluded"] == {"no_destination": nowhere}


def a_shipment(ledger: LedgerRows, unit: str, day: float, lasts: float | None) -> None:
    begin = START + timedelta(days=day)
    ledger.a_scan(unit, "SHIP", text(begin), site="A", destination="B", state_after="IN_TRANSIT")
    if lasts is not None:
        ledger.a_scan(unit, "RECEIVE", text(begin + timedelta(days=lasts)), site="B", state_after="RECEIVED")


def text(when: datetime) -> str:
    return when.strftime("%Y-%m-%d %H:%M:%S")


def test_what_is_on_its_way_is_censored_and_not_left_out(ledger: LedgerRows) -> None:
    """Of four shipments two are open for longer than the others took: the median is not that of the two received."""
    for serial, lasts in enumerate((2.0, 3.0, None, None)):
        a_shipment(ledger, f"i1/{serial}", 0, lasts)
    ledger.a_scan("i1/other", "OBSERVE", text(START + timedelta(days=10)))
    (row,) = report_answer(ledger.warehouse, "lead-times")["rows"]
    assert (row["shipments"], row["received"], row["open"], row["diverted"]) == (4, 2, 2, 0)
    assert (row["p10_days"], row["median_days"], row["p90_days"]) == (2.0, 3.0, None)


def test_a_leg_is_no_shipment_and_another_destination_ends_one(ledger: LedgerRows) -> None:
    for day, step, site, destination in (
        (0, "SHIP", "A", "C"), (1, "SHIP", "hub", "C"), (2, "SHIP", "hub2", None), (5, "RECEIVE", "C", None),
        (6, "SHIP", "C", "D"), (7, "SHIP", "hub", "E"), (9, "RECEIVE", "E", None),
        (10, "SHIP", "E", "F"), (11, "RECEIVE", "hub", None),
    ):  # fmt: skip
        ledger.a_scan("i1/a", step, text(START + timedelta(days=day)), site=site, destination=destination)
    rows = ledger.warehouse.query_rows(
        "SELECT site, destination, dateDiff('day', shipped_at, closed_at), closed_by"
        " FROM v_lead_times ORDER BY shipped_at"
    )
    assert rows == [
        ("A", "C", 5, "RECEIVED"), ("C", "D", 1, "SHIP"), ("hub", "E", 2, "RECEIVED"), ("E", "F", 1, "ELSEWHERE"),
    ]  # fmt: skip


def test_a_supplier_first_stated_after_the_day_asked_of_was_not_known_that_day(ledger: LedgerRows) -> None:
    a_shipment(ledger, "i1/a", 0, 2)
    for day, supplier in ((9, "late"), (10, "later")):
        stated = [{"name": "supplier", "value": supplier}]
        ledger.a_scan("i1/a", "COUNT", text(START + timedelta(days=day)), site="B", attributes=stated)
    for as_of, supplier in ((START + timedelta(days=5), ""), (START + timedelta(days=9), "late"), (None, "late")):
        (row,) = report_answer(ledger.warehouse, "lead-times", as_of)["rows"]
        assert (row["supplier"], row["received"]) == (supplier, 1)


@pytest.mark.parametrize(("recent", "is_shifted"), [(2.0, False), (6.0, True)])
def test_a_slower_week_is_a_shift(ledger: LedgerRows, recent: float, is_shifted: bool) -> None:
    """Forty shipments of two days or so before; then as many that take as long, or three times as long."""
    rows = []
    for serial in range(80):
        day, slow = (serial * 1.2, 2.0) if serial < 40 else (50 + (serial - 40) * 0.2, recent)
        lasts = slow + serial % 5 * 0.2
        for step, at, site in (("SHIP", day, "A"), ("RECEIVE", day + lasts, "B")):
            if at <= 60:
                when = text(START + timedelta(days=at))
                destination = "B" if step == "SHIP" else None
                rows.append(ledger.scan_row(f"i1/{serial}", step, when, "ACCEPTED", site=site, destination=destination))
    rows.append(ledger.scan_row("i1/other", "OBSERVE", text(START + timedelta(days=60)), "ACCEPTED"))
    ledger.insert("unit_events", *rows)
    (row,) = report_answer(ledger.warehouse, "lead-times")["rows"]
    assert row["is_shifted"] is is_shifted
    assert row["p_adjusted"] == row["p"]  # one group, one test
    assert row["recent_events"] + row["before_events"] >= 40


def test_a_shift_of_too_few_is_not_tested(ledger: LedgerRows) -> None:
    for serial, (day, lasts) in enumerate([(1.0, 1.0), (2.0, 1.0), (55.0, 3.0)]):
        a_shipment(ledger, f"i1/{serial}", day, lasts)
    (row,) = report_answer(ledger.warehouse, "lead-times")["rows"]
    assert (row["p"], row["p_adjusted"], row["is_shifted"]) == (None, None, False)


def test_time_to_return_censors_what_is_still_out(ledger: LedgerRows) -> None:
    for serial, back in enumerate((5, 10, None, None)):
        sold = ledger.a_scan(f"i1/{serial}", "SELL", "2024-01-01 10:00:00")
        assert sold
        if back:
            ledger.a_scan(f"i1/{serial}", "RETURN", f"2024-01-{back:02} 09:00:00", state_before="SOLD")
    ledger.a_scan("i1/never-sold", "OBSERVE", "2024-01-20 10:00:00")
    answer = report_answer(ledger.warehouse, "time-to-return")
    (row,) = answer["rows"]
    assert (row["item"], row["units"], row["returned"]) == ("i1", 4, 2)
    assert (row["days_25_percent"], row["days_50_percent"]) == (5.0, 10.0)
    assert answer["excluded"] == {"unknown_age": 1, "never_at_risk": 0}
    assert answer["why_excluded"] == {"unknown_age": "units without a sale have no age"}
