"""The rates in SQL against the same words in plain Python, on random ledgers with revised decisions."""

import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest

from analytics.rates import Exposure, Group, failure_rates, failures_counted, return_rates
from pipeline.warehouse.client import Warehouse
from tests.ledger_rows import LedgerRows

STEPS = ("COMMISSION", "SHIP", "SELL", "DISPENSE", "RETURN", "FAIL", "RETIRE", "DESTROY", "REPLACE", "OBSERVE", "VOID")
DECISIONS = (
    *[("ACCEPTED", "NONE")] * 4, ("FLAGGED", "UNKNOWN_SITE"), ("REPEATED", "DOUBLE_SCAN"),
    ("REJECTED", "SEEN_AFTER_END"), ("REJECTED", "RETRACTED"), ("UNDECIDED", "LATE_BEYOND_TAIL"),
)  # fmt: skip
COHORTS = (Group.ITEM, Group.SITE, Group.LOT, Group.MONTH)
SCANS = 300
START = datetime(2023, 12, 28, tzinfo=UTC)


class Scan(NamedTuple):
    """A scan with the decision that holds."""

    unit: str
    step: str
    time: datetime
    site: str
    lot: str
    outcome: str
    reason: str
    ordinal: int

    @property
    def is_counted(self) -> bool:
        is_seen = self.outcome in {"ACCEPTED", "FLAGGED", "REPEATED"} or self.reason == "SEEN_AFTER_END"
        return is_seen and self.step != "VOID"

    @property
    def is_known(self) -> bool:
        return self.outcome in {"ACCEPTED", "FLAGGED", "REPEATED"}

    @property
    def is_applied(self) -> bool:
        return self.outcome in {"ACCEPTED", "FLAGGED"}


def a_random_ledger(ledger: LedgerRows, seed: int) -> list[Scan]:
    """Fill the ledger; a third of the decisions are revised afterwards."""
    chance = random.Random(seed)  # noqa: S311  a test's
    scans, rows = [], []
    for _ in range(SCANS):
        unit = f"i{chance.randrange(3)}/s{chance.randrange(15)}"
        time = START + timedelta(hours=chance.randrange(24 * 60))
        step, site, lot = chance.choice(STEPS), f"S{chance.randrange(3)}", chance.choice(("", "L1"))
        outcome, reason = chance.choice(DECISIONS)
        text = time.strftime("%Y-%m-%d %H:%M:%S")
        row = ledger.scan_row(unit, step, text, outcome, reason=reason, site=site, lot=lot or None)
        rows.append(row)
        scans.append(Scan(unit, step, time, site, lot, outcome, reason, int(str(row["ordinal"]))))
    ledger.insert("unit_events", *rows)
    for place in chance.sample(range(SCANS), 20):
        outcome, reason = chance.choice(DECISIONS)
        ledger.a_revision(scans[place].ordinal, scans[place].unit, outcome, reason)
        scans[place] = scans[place]._replace(outcome=outcome, reason=reason)
    return scans


def by_unit(scans: list[Scan]) -> list[tuple[tuple[str, ...], list[Scan]]]:
    """Returns each unit's cohort and counted scans in order."""
    units: dict[str, list[Scan]] = defaultdict(list)
    for scan in sorted(scans, key=lambda scan: (scan.time, scan.ordinal)):
        if scan.is_counted:
            units[scan.unit].append(scan)
    return [
        ((unit.split("/")[0], seen[0].site, seen[0].lot, seen[0].time.strftime("%Y-%m")), seen)
        for unit, seen in units.items()
    ]


def times(seen: list[Scan], *steps: str) -> list[datetime]:
    return [scan.time for scan in seen if scan.is_applied and scan.step in steps]


def days(first: datetime, last: datetime) -> int:
    return (last.date() - first.date()).days + 1


def expected_observed(scans: list[Scan]) -> dict[tuple[str, ...], list[int]]:
    found: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0, 0, 0])
    for cohort, seen in by_unit(scans):
        for place, number in enumerate((1, days(seen[0].time, seen[-1].time), len(times(seen, "FAIL")))):
            found[cohort][place] += number
    return dict(found)


class InService(NamedTuple):
    by_cohort: dict[tuple[str, ...], list[int]]
    excluded: dict[str, int]


def expected_in_service(scans: list[Scan], as_of: datetime | None = None) -> InService:
    found: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0, 0, 0])
    excluded = dict.fromkeys(("unknown_age", "failures_outside"), 0)
    data_end = as_of or max(scan.time for scan in scans if scan.is_known)
    for cohort, seen in by_unit([scan for scan in scans if as_of is None or scan.time <= as_of]):
        starts, failed = times(seen, "SELL", "DISPENSE") or times(seen, "COMMISSION"), times(seen, "FAIL")
        if not starts:
            excluded["unknown_age"] += 1
            excluded["failures_outside"] += len(failed)
            continue
        ends = [time for time in times(seen, "FAIL", "RETIRE", "DESTROY", "REPLACE") if time >= starts[0]]
        end = ends[0] if ends else data_end
        failures = sum(starts[0] <= time <= end for time in failed)
        excluded["failures_outside"] += len(failed) - failures
        for place, number in enumerate((1, days(starts[0], end), failures)):
            found[cohort][place] += number
    return InService(dict(found), excluded)


def expected_returns(scans: list[Scan]) -> dict[tuple[str, ...], list[int]]:
    found: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0, 0])
    for cohort, seen in by_unit(scans):
        if sales := times(seen, "SELL", "DISPENSE"):
            found[cohort][0] += 1
            found[cohort][1] += any(time >= min(sales) for time in times(seen, "RETURN"))
    return dict(found)


def by_cohort(rows: list[dict[str, Any]], *columns: str) -> dict[tuple[str, ...], list[int]]:
    return {tuple(row[str(group)] for group in COHORTS): [row[column] for column in columns] for row in rows}


@pytest.mark.parametrize("seed", [1, 2])
def test_sql_and_plain_python_count_the_same(warehouse: Warehouse, seed: int) -> None:
    scans = a_random_ledger(LedgerRows(warehouse), seed)
    everything = list(COHORTS)
    counts = ("units", "unit_days", "failures")
    assert by_cohort(failure_rates(warehouse, everything), *counts) == expected_observed(scans)
    for as_of in (None, START + timedelta(days=20, hours=7), START + timedelta(days=90)):
        until = {} if as_of is None else {"data_end": as_of}
        in_service = failures_counted(warehouse, everything, Exposure.IN_SERVICE, **until)
        found = InService(by_cohort(in_service.rows, *counts), in_service.excluded)
        assert found == expected_in_service(scans, as_of)
    assert by_cohort(return_rates(warehouse, everything), "units", "returns") == expected_returns(scans)
    totals = [sum(column) for column in zip(*expected_observed(scans).values(), strict=True)]
    (all_units,) = failure_rates(warehouse)
    assert [all_units[column] for column in counts] == totals
