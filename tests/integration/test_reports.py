"""Each report on random ledgers against the same words in plain Python, as of the end and of a day gone by."""

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from typing import Any

import pytest

from analytics.reports.registry import report_answer
from analytics.statistics.wilson import share
from pipeline.warehouse.client import Warehouse
from tests.ledger_rows import LedgerRows
from tests.random_ledger import ON_HAND, START, Scan, a_random_ledger, known_until, lives_of

AWAY = {"IN_TRANSIT": "IN_TRANSIT", "SOLD": "WITH_CUSTOMER", "RETIRED": "ENDED"}
Counts = dict[tuple[str, ...], tuple[int, ...]]
CASES = [(1, None), (2, START + timedelta(days=60))]


@pytest.fixture
def ledger(warehouse: Warehouse) -> LedgerRows:
    return LedgerRows(warehouse)


def counted(answer: dict[str, Any], by: tuple[str, ...], counts: tuple[str, ...]) -> Counts:
    return {tuple(row[name] for name in by): tuple(row[name] for name in counts) for row in answer["rows"]}


def check_share(answer: dict[str, Any], name: str, part: str, whole: str) -> None:
    for row in answer["rows"]:
        if not row[whole]:
            assert row[name] is None
            continue
        rate, low, high = (float(limit) for limit in share(row[part], row[whole]))
        assert (row[name], row[f"{name}_low"], row[f"{name}_high"]) == (rate, low, high)


def sold_units(scans: list[Scan]) -> list[tuple[Scan, Scan | None]]:
    """Returns each sold unit's first sale, and its first return at or after that."""
    found = []
    for life in lives_of(scans):
        sales = [scan for scan in life if scan.step in {"SELL", "DISPENSE"}]
        if sales:
            back = [scan for scan in life if scan.step == "RETURN" and scan.time >= sales[0].time]
            found.append((sales[0], back[0] if back else None))
    return found


@pytest.mark.parametrize(("seed", "as_of"), CASES)
def test_return_cohorts(ledger: LedgerRows, seed: int, as_of: datetime | None) -> None:
    scans, end = known_until(a_random_ledger(ledger, seed), as_of)
    expected: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0] * 8)
    for sale, back in sold_units(scans):
        row = expected[sale.item, sale.time.strftime("%Y-%m")]
        row[0] += 1
        row[1] += back is not None
        for place, days in enumerate((30, 90, 365)):
            if sale.time + timedelta(days=days) <= end:
                row[2 + 2 * place] += 1
                row[3 + 2 * place] += back is not None and back.time <= sale.time + timedelta(days=days)
    answer = report_answer(ledger.warehouse, "return-cohorts", as_of)
    names = ("sold", "returned", "sold_30", "returned_30", "sold_90", "returned_90", "sold_365", "returned_365")
    assert counted(answer, ("item", "month_sold"), names) == {key: tuple(row) for key, row in expected.items()}
    assert any(row["sold_30"] for row in answer["rows"])
    assert answer["excluded"]["sold_too_late_for_30"] == sum(row[0] - row[2] for row in expected.values())
    check_share(answer, "rate_30", "returned_30", "sold_30")
    check_share(answer, "rate_365", "returned_365", "sold_365")


@pytest.mark.parametrize(("seed", "as_of"), CASES)
def test_return_reasons(ledger: LedgerRows, seed: int, as_of: datetime | None) -> None:
    scans, _ = known_until(a_random_ledger(ledger, seed), as_of)
    reasons = Counter[tuple[str, str]]()
    for sale, back in sold_units(scans):
        if back is not None:
            condition = "" if back.condition in {None, "returned"} else str(back.condition)
            reasons[sale.item, back.said("reason") or condition] += 1
    stated = {key: count for key, count in reasons.items() if key[1]}
    totals = {item: sum(count for key, count in stated.items() if key[0] == item) for item, _ in stated}
    answer = report_answer(ledger.warehouse, "return-reasons", as_of)
    assert counted(answer, ("item", "reason"), ("returns", "returned")) == {
        key: (count, totals[key[0]]) for key, count in stated.items()
    }
    assert answer["excluded"] == {"no_reason_stated": sum(reasons.values()) - sum(stated.values())}
    check_share(answer, "share", "returns", "returned")


@pytest.mark.parametrize(("seed", "as_of"), CASES)
def test_stock(ledger: LedgerRows, seed: int, as_of: datetime | None) -> None:
    """On hand, its age and what of it is dead, all from one place per unit."""
    scans, end = known_until(a_random_ledger(ledger, seed), as_of)
    expected: dict[tuple[str, str], list[tuple[int, int, str]]] = defaultdict(list)
    elsewhere = 0
    for life in lives_of(scans):
        now = life[-1]
        if now.after not in ON_HAND:
            elsewhere += 1
            continue
        is_here = [scan for scan in life if scan.after in ON_HAND]
        came = [scan for scan in is_here if scan.before not in ON_HAND or scan.site != (scan.previous_site or "")]
        moved = [scan for scan in life if scan.is_move]
        expected[now.item, now.site].append(
            ((end - (came or life)[-1].time).days, (end - (moved or life)[-1].time).days, now.after)
        )
    on_hand = report_answer(ledger.warehouse, "on-hand", as_of)
    assert sum(on_hand["excluded"].values()) == elsewhere
    assert counted(on_hand, ("item", "site"), ("units", "held", "returned", "in_repair")) == {
        key: (len(units), *(sum(state == one for _, _, state in units) for one in ("HELD", "RETURNED", "IN_REPAIR")))
        for key, units in expected.items()
    }
    bands = ((0, 30), (31, 90), (91, 180), (181, 365), (366, 9999))
    ageing = report_answer(ledger.warehouse, "ageing", as_of)
    names = ("days_0_30", "days_31_90", "days_91_180", "days_181_365", "days_over_365", "median_days", "oldest_days")
    assert counted(ageing, ("item", "site"), names) == {
        key: (
            *(sum(low <= age <= high for age, _, _ in units) for low, high in bands),
            sorted(age for age, _, _ in units)[(len(units) - 1) // 2],
            max(age for age, _, _ in units),
        )
        for key, units in expected.items()
    }
    dead = report_answer(ledger.warehouse, "dead-stock", as_of, {"days": 20})
    assert counted(dead, ("item", "site"), ("units", "dead", "longest_idle_days")) == {
        key: (len(units), sum(idle >= 20 for _, idle, _ in units), max(idle for _, idle, _ in units))
        for key, units in expected.items()
        if any(idle >= 20 for _, idle, _ in units)
    }
    check_share(dead, "dead_share", "dead", "units")


@pytest.mark.parametrize(("seed", "as_of"), CASES)
def test_sell_through(ledger: LedgerRows, seed: int, as_of: datetime | None) -> None:
    scans, end = known_until(a_random_ledger(ledger, seed), as_of)
    begin = end - timedelta(days=30)
    available, sold = set[tuple[str, str, str]](), set[tuple[str, str, str]]()
    for life in lives_of(scans):
        for scan, following in zip(life, [*life[1:], None], strict=True):
            place = (scan.item, scan.site, scan.unit)
            if scan.after in ON_HAND and (following is None or following.time > begin):
                available.add(place)
            if scan.step in {"SELL", "DISPENSE"} and scan.time > begin:
                sold.add(place)
    answer = report_answer(ledger.warehouse, "sell-through", as_of)
    assert counted(answer, ("item", "site"), ("available", "sold")) == {
        key: (
            sum(place[:2] == key for place in available | sold),
            sum(place[:2] == key for place in sold),
        )
        for key in {place[:2] for place in available | sold}
    }
    check_share(answer, "sell_through", "sold", "available")


@pytest.mark.parametrize(("seed", "as_of"), CASES)
def test_damage(ledger: LedgerRows, seed: int, as_of: datetime | None) -> None:
    scans, _ = known_until(a_random_ledger(ledger, seed), as_of)
    applied = [scan for scan in scans if scan.is_applied]
    stating = {scan.site for scan in applied if scan.condition}
    units, damaged = defaultdict(set), defaultdict(set)
    for scan in applied:
        if scan.site in stating:
            units[scan.item, scan.site].add(scan.unit)
            if "damaged" in (scan.condition or "").split(" "):
                damaged[scan.item, scan.site].add(scan.unit)
    answer = report_answer(ledger.warehouse, "damage", as_of)
    assert counted(answer, ("item", "site"), ("units", "damaged")) == {
        key: (len(seen), len(damaged[key])) for key, seen in units.items()
    }
    assert answer["excluded"] == {"sites_that_state_no_condition": 1}
    check_share(answer, "damage_share", "damaged", "units")


@pytest.mark.parametrize(("seed", "as_of"), CASES)
def test_reading(ledger: LedgerRows, seed: int, as_of: datetime | None) -> None:
    """Manual entry and label yield: only at sites that say how, and never of what the ledger derived."""
    scans, _ = known_until(a_random_ledger(ledger, seed), as_of)
    applied = [scan for scan in scans if scan.is_applied]
    read = [
        scan
        for scan in scans
        if scan.outcome in {"ACCEPTED", "FLAGGED", "REPEATED"} and scan.step != "VOID" and scan.reason != "REDELIVERED"
    ]
    says_entry = {scan.site for scan in applied if scan.said("entry")}
    says_read = {scan.site for scan in read if scan.said("read")}
    manual: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0, 0])
    for scan in applied:
        if scan.site in says_entry and scan.origin != "DERIVED":
            manual[scan.site, scan.reader or ""][0] += 1
            manual[scan.site, scan.reader or ""][1] += scan.said("entry") == "manual"
    good: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0, 0])
    for scan in read:
        if scan.site in says_read and scan.origin != "DERIVED":
            good[scan.item, scan.site][0] += 1
            good[scan.item, scan.site][1] += scan.said("read") != "failed"
    entered = report_answer(ledger.warehouse, "manual-entry", as_of)
    assert counted(entered, ("site", "reader"), ("scans", "manual")) == {k: tuple(v) for k, v in manual.items()}
    assert entered["excluded"] == {"sites_that_send_no_entry": 1}
    check_share(entered, "manual_share", "manual", "scans")
    labels = report_answer(ledger.warehouse, "label-yield", as_of)
    assert counted(labels, ("item", "site"), ("readings", "good")) == {k: tuple(v) for k, v in good.items()}
    check_share(labels, "yield", "good", "readings")


def is_leaving_scanned(life: list[Scan]) -> bool:
    """Returns whether a life so far ends with a unit off hand, which a scan of its last site took off it."""

    def sends(scan: Scan) -> bool:
        is_sent = scan.after in AWAY and AWAY[scan.after] != AWAY.get(scan.before)
        return scan.is_applied and (scan.step in {"SHIP", "SELL", "DISPENSE"} or is_sent)

    last, sending = life[-1], [scan.site for scan in life if sends(scan)]
    return last.is_applied and (sends(last) or last.after in AWAY) and sending[-1:] == [last.site]


@pytest.mark.parametrize(("seed", "as_of"), CASES)
def test_scan_completeness(ledger: LedgerRows, seed: int, as_of: datetime | None) -> None:
    scans, _ = known_until(a_random_ledger(ledger, seed), as_of)
    expected: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0] * 4)

    def is_seen(scan: Scan) -> bool:
        return scan.is_applied or (scan.reason == "ILLEGAL_TRANSITION" and scan.step != "VOID")

    for life in lives_of(scans, is_seen):
        for place, (last, first) in enumerate(zip(life, life[1:], strict=False), start=1):
            if last.site != first.site:
                expected[(last.site,)][0] += 1
                expected[(last.site,)][1] += is_leaving_scanned(life[:place])
                expected[(first.site,)][2] += 1
                expected[(first.site,)][3] += first.is_applied and first.step in {"RECEIVE", "RETURN", "COMMISSION"}
    answer = report_answer(ledger.warehouse, "scan-completeness", as_of)
    names = ("departures", "departures_scanned", "arrivals", "arrivals_scanned")
    assert counted(answer, ("site",), names) == {key: tuple(row) for key, row in expected.items()}
    assert all(row["expected"] == row["departures"] + row["arrivals"] for row in answer["rows"])
    check_share(answer, "completeness", "scanned", "expected")


@pytest.mark.parametrize(("seed", "as_of"), CASES)
def test_scan_completeness_by_the_reader_that_saw_the_unit_at_this_end(
    ledger: LedgerRows, seed: int, as_of: datetime | None
) -> None:
    scans, _ = known_until(a_random_ledger(ledger, seed), as_of)
    naming = {scan.site for scan in scans if scan.is_applied and scan.reader}
    expected: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0] * 4)
    seen = lives_of(scans, lambda one: one.is_applied or (one.reason == "ILLEGAL_TRANSITION" and one.step != "VOID"))
    for life in seen:
        for place, (last, first) in enumerate(zip(life, life[1:], strict=False), start=1):
            if last.site != first.site:
                left, came = expected[last.site, last.reader or ""], expected[first.site, first.reader or ""]
                left[0] += 1
                left[1] += is_leaving_scanned(life[:place])
                came[2] += 1
                came[3] += first.is_applied and first.step in {"RECEIVE", "RETURN", "COMMISSION"}
    answer = report_answer(ledger.warehouse, "reader-completeness", as_of)
    names = ("departures", "departures_scanned", "arrivals", "arrivals_scanned")
    assert counted(answer, ("site", "reader"), names) == {
        key: tuple(row) for key, row in expected.items() if key[0] in naming
    }
    assert {row["reader"] for row in answer["rows"]} > {""}
    check_share(answer, "completeness", "scanned", "expected")


@pytest.mark.parametrize(
    ("scans", "scanned"),
    [
        ("COMMISSION NONE IN_SERVICE, INSPECT IN_SERVICE IN_SERVICE", 0),
        ("INSTALL STORED INSTALLED, OBSERVE INSTALLED INSTALLED", 0),
        ("FAIL STORED FAILED", 0),
        ("SHIP COMMISSIONED IN_TRANSIT", 1),
        ("SHIP COMMISSIONED IN_TRANSIT, OBSERVE IN_TRANSIT IN_TRANSIT", 1),
        ("SHIP COMMISSIONED IN_TRANSIT, CANCEL_SHIPMENT IN_TRANSIT STAGED", 0),
        ("SHIP INSTALLED INSTALLED", 1),
        ("SHIP AT_WORK ON_ROAD", 1),
        ("OBSERVE AT_WORK AT_WORK", 0),
        ("SELL STORED SOLD", 1),
        ("RETIRE IN_SERVICE RETIRED", 1),
        ("RETIRE FAILED RETIRED", 1),
    ],
)
def test_a_departure_is_scanned_where_a_scan_of_the_site_took_the_unit_off_hand(
    ledger: LedgerRows, scans: str, scanned: int
) -> None:
    for day, scan in enumerate(scans.split(", "), start=1):
        step, before, after = scan.split()
        ledger.a_scan("i/a", step, f"2024-05-0{day} 10:00:00", reader="R1", state_before=before, state_after=after)
    ledger.a_scan(
        "i/a", "OBSERVE", "2024-05-09 10:00:00", site="S2", reader="R2", state_before=after, state_after=after
    )
    for name in ("scan-completeness", "reader-completeness"):
        row = report_answer(ledger.warehouse, name)["rows"][0]
        assert (row["site"], row["departures"], row["departures_scanned"]) == ("S1", 1, scanned)


def test_a_unit_that_is_seen_on_its_way_was_not_sent_from_there(ledger: LedgerRows) -> None:
    ledger.a_scan("i/a", "SHIP", "2024-05-01 10:00:00", state_before="STORED", state_after="IN_TRANSIT")
    for day, site in ((2, "S2"), (3, "S2"), (4, "S3")):
        ledger.a_scan(
            "i/a", "ARRIVE", f"2024-05-0{day} 10:00:00", site=site, state_before="IN_TRANSIT", state_after="IN_TRANSIT"
        )
    rows = report_answer(ledger.warehouse, "scan-completeness")["rows"]
    assert [(row["site"], row["departures"], row["departures_scanned"]) for row in rows] == [
        ("S1", 1, 1), ("S2", 1, 0), ("S3", 0, 0),
    ]  # fmt: skip


def test_over_its_readers_a_site_has_the_moves_of_the_site(ledger: LedgerRows) -> None:
    a_random_ledger(ledger, 7)
    names = ("departures", "departures_scanned", "arrivals", "arrivals_scanned", "expected", "scanned")
    sums: dict[str, list[int]] = defaultdict(lambda: [0] * len(names))
    for row in report_answer(ledger.warehouse, "reader-completeness")["rows"]:
        sums[row["site"]] = [have + row[name] for have, name in zip(sums[row["site"]], names, strict=True)]
    of_sites = {row["site"]: row for row in report_answer(ledger.warehouse, "scan-completeness")["rows"]}
    assert sums == {site: [of_sites[site][name] for name in names] for site in sums}


def test_where_no_scan_names_its_reader_nothing_is_said_of_readers(ledger: LedgerRows) -> None:
    ledger.a_scan("i/a", "SHIP", "2024-05-01 10:00:00", site="S1", state_after="IN_TRANSIT")
    ledger.a_scan("i/a", "RECEIVE", "2024-05-02 10:00:00", site="S2", state_after="RECEIVED")
    answer = report_answer(ledger.warehouse, "reader-completeness")
    assert (answer["rows"], answer["excluded"]) == ([], {"sites_that_name_no_reader": 2})
    assert "no scan there names its reader" in answer["reason"]
