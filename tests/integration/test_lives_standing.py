"""Lives that are found faster are those that the scans tell, in ledgers that the rules could have written."""

import itertools
from collections.abc import Iterable
from datetime import UTC, datetime

import polars as pl
import pytest

from analytics.lifetimes import END_OF_TIME, Asked, Ending, Origin, ledger_end, parameters
from analytics.questions import as_parameter, question
from analytics.rates import Exposure, Group
from pipeline.warehouse.client import Warehouse
from tests.ledger_rows import LedgerRows
from tests.oracle.arrivals import Arrival, a_scan, arrived
from tests.oracle.choose import Seeded
from tests.oracle.generate import seeded_history
from tests.played_rows import put_played

HISTORIES = 120
RECORDS = 40
ENDINGS = 12
DAY_MINUTES = 24 * 60
ABOUT_SALES = (*["SELL", "STORE"] * 3, "REMOVE", "DISPENSE", "RETURN", "INSTALL", "REPAIR", "HOLD", "RELEASE")
BY = (Group.ITEM, Group.LOT, Group.MONTH)
SEEN = (
    (BY, None), ((), None), ((Group.ITEM,), None), ((Group.LOT,), datetime(2026, 3, 3, tzinfo=UTC)),
    ((Group.MONTH,), datetime(2024, 2, 1, tzinfo=UTC)),
)  # fmt: skip
"""By what, and as of when, lives from the first sight are asked for."""


@pytest.fixture
def ledger(warehouse: Warehouse) -> LedgerRows:
    return LedgerRows(warehouse)


def told_both_ways(warehouse: Warehouse, asked: Asked, *, every: bool) -> tuple[pl.DataFrame, pl.DataFrame]:
    given = parameters(asked, ledger_end(warehouse, asked.as_of), every=every)
    faster = "lives_seen" if asked.origin is Origin.FIRST_SEEN else "lives_standing"
    by_state, by_scans = (warehouse.query_frame(question(name), given) for name in (faster, "lives"))
    return by_state, by_scans.drop("by_site")


def assert_agree(warehouse: Warehouse, events: Iterable[Ending] = (Ending.FAIL,)) -> set[str]:
    """Compare both questions, whatever is asked of those events; return the endings there were."""
    endings = set[str]()
    for origin, exposure, event, every in itertools.product(Origin, Exposure, events, (False, True)):
        for by, as_of in SEEN if origin is Origin.FIRST_SEEN else ((BY, None),):
            asked = Asked(by, origin, exposure, event, as_of)
            by_state, by_scans = told_both_ways(warehouse, asked, every=every)
            assert by_state.rows() == by_scans.rows(), asked
            endings |= set(by_scans["ending"])
    return endings


def test_both_questions_tell_the_same_lives_of_random_histories(ledger: LedgerRows) -> None:
    with ledger.at_once():
        for seed in range(HISTORIES):
            units = (f"sku:ACME/PUMP/{seed}", f"asset:ACME/DRIVE/{seed}", f"sku:ACME/BOX/{seed}")
            put_played(ledger, seeded_history(seed, 1 + seed % RECORDS, units), seed)
    assert assert_agree(ledger.warehouse, Ending) == {"EVENT", "COMPETING", "CENSORED", "UNKNOWN_AGE"}


def sold_again(seed: int) -> list[Arrival]:
    """A unit that is sold, and may come back by any way and be sold again; of every other one a scan in ten is late."""
    choose, arrivals = Seeded(seed), list[Arrival]()
    for day in range(RECORDS):
        step = choose.pick(ABOUT_SALES) if day else "COMMISSION"
        at = day - (choose.pick((0.5, 2.5, 7.5)) if seed % 2 and choose.chance(10) else 0)
        arrivals.append(arrived(a_scan(f"sku:ACME/PUMP/{seed}", step, DAY_MINUTES * at, scan_id=f"{day}")))
    return arrivals


def test_both_questions_tell_the_same_lives_of_units_sold_again_and_again(ledger: LedgerRows) -> None:
    with ledger.at_once():
        for seed in range(HISTORIES):
            put_played(ledger, sold_again(seed), seed)
    assert_agree(ledger.warehouse)
    sales = "SELECT unit_id FROM v_unit_events WHERE step = 'SELL' AND outcome = 'FLAGGED' GROUP BY unit_id"
    never_late = "unit_id NOT IN (SELECT unit_id FROM unit_revisions)"
    again = ledger.warehouse.query_rows(f"SELECT count() FROM ({sales} HAVING count() > 1 AND {never_late})")
    assert again[0][0] > HISTORIES // 20


ENDS = """
SELECT
    toInt64(count()) AS scans,
    maxOrNull(event_time) AS data_end,
    quantileExactOrNull(0.95) (dateDiff('second', event_time, received_at)) AS p95_delay_seconds
FROM v_unit_events
WHERE outcome IN ('ACCEPTED', 'FLAGGED', 'REPEATED') AND event_time <= {as_of:DateTime64(3, 'UTC')}
"""


def test_the_ledger_ends_where_all_scans_by_their_newest_decision_end(ledger: LedgerRows) -> None:
    for seed in range(ENDINGS):
        with ledger.at_once():
            put_played(ledger, seeded_history(seed, RECORDS, (f"sku:ACME/PUMP/{seed}", f"sku:ACME/BOX/{seed}")), seed)
        latest = "SELECT DISTINCT event_time FROM unit_events ORDER BY event_time DESC LIMIT 4"
        for (at,) in [*ledger.warehouse.query_rows(latest), (END_OF_TIME,)]:
            given = {"as_of": as_parameter(at.replace(tzinfo=UTC))}
            found, expected = (ledger.warehouse.query_rows(sql, given) for sql in (question("ledger_end"), ENDS))
            assert found == expected, (seed, at)
    changed = set(ledger.warehouse.query_rows("SELECT DISTINCT first_outcome, outcome FROM v_unit_events"))
    assert {("ACCEPTED", "REJECTED"), ("REJECTED", "ACCEPTED"), ("ACCEPTED", "FLAGGED")} <= changed


SOLD = {"sold_at": "2024-01-05 10:00:00"}


def test_a_sale_that_a_container_forced_on_its_member_counts_though_unit_state_does_not_know_it(
    ledger: LedgerRows,
) -> None:
    ledger.a_scan("i1/a", "SELL", "2024-01-05 10:00:00", "FLAGGED", reason="ILLEGAL_TRANSITION", origin="DERIVED")
    ledger.a_unit("i1/a", "SOLD", last_event_time="2024-01-05 10:00:00")
    assert assert_agree(ledger.warehouse) == {"CENSORED", "UNKNOWN_AGE"}


def test_a_unit_that_began_a_new_life_keeps_the_age_of_its_first(ledger: LedgerRows) -> None:
    made, again = {"commissioned_at": "2024-01-01 10:00:00"}, {"commissioned_at": "2025-03-01 10:00:00"}
    ledger.a_scan("i1/a", "COMMISSION", "2024-01-01 10:00:00", **made)
    ledger.a_scan("i1/a", "SELL", "2024-01-05 10:00:00", **made, **SOLD)
    ledger.a_scan("i1/a", "COMMISSION", "2025-03-01 10:00:00", state_before="SOLD", **again)
    ledger.a_unit("i1/a", "COMMISSIONED", last_event_time="2025-03-01 10:00:00", **again)
    assert assert_agree(ledger.warehouse) == {"CENSORED"}


@pytest.mark.parametrize("heir", ["i2/b", "imei:49015420323751"])
def test_a_unit_that_goes_on_under_a_new_label_enters_when_that_is_first_seen(ledger: LedgerRows, heir: str) -> None:
    ledger.a_scan("i1/a", "SELL", "2024-01-05 10:00:00", **SOLD)
    ledger.a_scan("i1/a", "RELABEL", "2024-02-01 10:00:00", other_unit=heir, **SOLD)
    ledger.a_scan(heir, "OBSERVE", "2024-02-03 10:00:00", **SOLD)
    ledger.a_unit("i1/a", "RETIRED", last_event_time="2024-02-01 10:00:00", alias_of=heir, **SOLD)
    ledger.a_unit(heir, "SOLD", last_event_time="2024-02-03 10:00:00", **SOLD)
    assert assert_agree(ledger.warehouse) == {"CENSORED", "UNKNOWN_AGE"}
    asked = Asked((), Origin.SOLD, Exposure.IN_SERVICE)
    assert [row[3:5] for row in told_both_ways(ledger.warehouse, asked, every=False)[0].rows()] == [(0, 28), (29, 30)]


def test_a_unit_read_twice_is_observed_until_the_second_reading(ledger: LedgerRows) -> None:
    ledger.a_scan("i1/a", "SELL", "2024-01-05 10:00:00", **SOLD)
    ledger.a_scan("i1/a", "SELL", "2024-01-07 10:00:00", "REPEATED", reason="DOUBLE_SCAN", **SOLD)
    ledger.a_unit("i1/a", "SOLD", last_event_time="2024-01-05 10:00:00", **SOLD)
    assert assert_agree(ledger.warehouse) == {"CENSORED", "UNKNOWN_AGE"}


AGAIN = {"sold_at": "2024-03-05 10:00:00"}


def test_a_unit_sold_twice_from_one_state_to_the_same_has_its_age_from_the_first_sale(ledger: LedgerRows) -> None:
    ledger.a_scan("i1/a", "SELL", "2024-01-05 10:00:00", **SOLD)
    ledger.a_scan("i1/a", "SELL", "2024-03-05 10:00:00", state_before="SOLD", **AGAIN)
    ledger.a_unit("i1/a", "SOLD", last_event_time="2024-03-05 10:00:00", **AGAIN)
    assert assert_agree(ledger.warehouse) == {"CENSORED", "UNKNOWN_AGE"}


def test_a_unit_sold_again_by_way_of_another_state_has_its_age_from_the_first_sale(ledger: LedgerRows) -> None:
    ledger.a_scan("i1/a", "SELL", "2024-01-05 10:00:00", state_before="STORED", **SOLD)
    ledger.a_scan("i1/a", "INSTALL", "2024-02-05 10:00:00", state_before="SOLD", state_after="INSTALLED", **SOLD)
    ledger.a_scan("i1/a", "REMOVE", "2024-02-07 10:00:00", state_before="INSTALLED", state_after="STORED", **SOLD)
    ledger.a_scan("i1/a", "SELL", "2024-03-05 10:00:00", state_before="STORED", **AGAIN)
    ledger.a_unit("i1/a", "SOLD", last_event_time="2024-03-05 10:00:00", **AGAIN)
    assert assert_agree(ledger.warehouse) == {"CENSORED", "UNKNOWN_AGE"}


def test_a_unit_that_was_just_sold_is_told_by_unit_state_alone(ledger: LedgerRows) -> None:
    """Its scans say another day here, which no ledger would: the answer shows that they were not asked."""
    ledger.a_scan("i1/a", "SELL", "2024-01-05 10:00:00", **SOLD)
    ledger.a_unit("i1/a", "SOLD", last_event_time="2024-01-05 10:00:00", sold_at="2024-01-03 10:00:00")
    asked = Asked((), Origin.SOLD, Exposure.OBSERVED)
    by_state, by_scans = told_both_ways(ledger.warehouse, asked, every=False)
    assert (by_state["exit"].to_list(), by_scans["exit"].to_list()) == ([3], [1])
