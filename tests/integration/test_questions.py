"""The questions on rows made by hand, with the views of the real migrations in the embedded ClickHouse."""

import pytest

from analytics.labels import standing
from analytics.questions import ALL_KNOWN, ask, question, questions
from analytics.rates import Exposure, Group, failure_rates, return_rates
from pipeline.domain.unit_key import UnitKey
from pipeline.warehouse.client import Warehouse
from tests.ledger_rows import LedgerRows


@pytest.fixture
def ledger(warehouse: Warehouse) -> LedgerRows:
    return LedgerRows(warehouse)


def test_days_count_from_the_first_to_the_last_scan_both_included(ledger: LedgerRows) -> None:
    ledger.a_scan("i1/a", "COMMISSION", "2024-01-01 23:59:59.999")
    ledger.a_scan("i1/a", "FAIL", "2024-01-10 00:00:00.000")
    ledger.a_scan("i1/a", "OBSERVE", "2024-01-20 12:00:00", "REJECTED", reason="SEEN_AFTER_END")
    ledger.a_scan("i1/a", "OBSERVE", "2024-01-21 12:00:00", "REPEATED", reason="DOUBLE_SCAN")
    for day, reason in enumerate(("ILLEGAL_TRANSITION", "RETRACTED", "FUTURE_TIME"), start=1):
        ledger.a_scan("i1/a", "SELL", f"2024-03-0{day} 12:00:00", "REJECTED", reason=reason)
    ledger.a_scan("i1/a", "OBSERVE", "2023-03-01 12:00:00", "UNDECIDED", reason="LATE_BEYOND_TAIL")
    ledger.a_scan("i1/b", "FAIL", "2024-05-05 05:05:05", "FLAGGED", reason="UNKNOWN_SITE")
    (row,) = failure_rates(ledger.warehouse, [Group.ITEM])
    assert {key: row[key] for key in ("item", "units", "unit_days", "failures")} == {
        "item": "i1", "units": 2, "unit_days": 22, "failures": 2,
    }  # fmt: skip
    rates = [row[name] for name in ("afr_percent", "afr_low", "afr_high")]
    assert rates == pytest.approx([3318.1818, 401.8472, 11986.4136], abs=1e-4)


def test_a_revision_takes_a_failure_back_and_with_it_the_days(ledger: LedgerRows) -> None:
    ledger.a_scan("i1/a", "COMMISSION", "2024-01-01 10:00:00")
    failed = ledger.a_scan("i1/a", "FAIL", "2024-01-31 10:00:00")
    (row,) = failure_rates(ledger.warehouse)
    assert (row["unit_days"], row["failures"]) == (31, 1)
    ledger.a_revision(failed, "i1/a", "REJECTED", "RETRACTED")
    (row,) = failure_rates(ledger.warehouse)
    assert (row["unit_days"], row["failures"]) == (1, 0)
    ledger.a_revision(failed, "i1/a", "ACCEPTED", "NONE")
    (row,) = failure_rates(ledger.warehouse)
    assert (row["unit_days"], row["failures"]) == (31, 1)


def test_a_unit_belongs_to_site_lot_and_month_of_its_first_counted_scan(ledger: LedgerRows) -> None:
    ledger.a_scan("i1/a", "SELL", "2024-02-01 10:00:00", site="S2", lot="L9")
    ledger.a_scan("i1/a", "PACK", "2024-01-31 23:59:59.999", site="S1", lot=None)
    ledger.a_scan("i1/a", "STORE", "2023-12-01 10:00:00", "REJECTED", reason="ILLEGAL_TRANSITION", site="S3", lot="L3")
    ledger.a_scan("i2/a", "PACK", "2024-02-01 00:00:00", site="S1", lot="L1")
    rows = failure_rates(ledger.warehouse, [Group.MONTH, Group.SITE, Group.LOT, Group.ITEM])
    assert [[row[key] for key in ("month", "site", "lot", "item", "units", "unit_days")] for row in rows] == [
        ["2024-01", "S1", "", "i1", 1, 2],
        ["2024-02", "S1", "L1", "i2", 1, 1],
    ]
    assert list(rows[0])[:4] == ["month", "site", "lot", "item"]
    assert [(row["site"], row["units"]) for row in failure_rates(ledger.warehouse, [Group.SITE])] == [("S1", 2)]


def test_in_service_runs_from_the_sale_to_the_failure_or_the_end_of_the_ledger(ledger: LedgerRows) -> None:
    ledger.a_scan("i1/sold-failed", "COMMISSION", "2024-01-01 10:00:00")
    ledger.a_scan("i1/sold-failed", "FAIL", "2024-01-02 10:00:00")
    ledger.a_scan("i1/sold-failed", "SELL", "2024-01-10 10:00:00")
    ledger.a_scan("i1/sold-failed", "FAIL", "2024-01-20 10:00:00")
    ledger.a_scan("i1/sold-failed", "FAIL", "2024-01-25 10:00:00")
    ledger.a_scan("i1/commissioned", "COMMISSION", "2024-02-01 10:00:00")
    ledger.a_scan("i1/retired", "COMMISSION", "2024-02-01 10:00:00")
    ledger.a_scan("i1/retired", "RETIRE", "2024-02-03 10:00:00")
    ledger.a_scan("i1/adopted", "OBSERVE", "2024-02-10 10:00:00", "FLAGGED", reason="ADOPTED")
    ledger.a_scan("i1/adopted", "SELL", "2025-01-01 10:00:00", "REJECTED", reason="ILLEGAL_TRANSITION")
    (row,) = failure_rates(ledger.warehouse, (), Exposure.IN_SERVICE)
    assert (row["units"], row["unit_days"], row["failures"]) == (3, 11 + 10 + 3, 1)


def test_returns_are_units_that_came_back_among_units_sold(ledger: LedgerRows) -> None:
    for unit in ("i1/a", "i1/b", "i1/c"):
        ledger.a_scan(unit, "SELL", "2024-01-10 10:00:00")
    ledger.a_scan("i1/b", "DISPENSE", "2024-01-11 10:00:00")
    for day in (12, 14):
        ledger.a_scan("i1/a", "RETURN", f"2024-01-{day} 10:00:00", "FLAGGED", reason="UNKNOWN_SITE")
    taken_back = ledger.a_scan("i1/b", "RETURN", "2024-01-12 10:00:00")
    ledger.a_revision(taken_back, "i1/b", "REJECTED", "RETRACTED")
    ledger.a_scan("i1/never-sold", "RETURN", "2024-01-12 10:00:00", "REJECTED", reason="RETURN_NOT_SOLD")
    ledger.a_scan("i1/sent-back", "RETURN", "2024-01-12 10:00:00")
    ledger.a_scan("i1/c", "RETURN", "2024-01-05 10:00:00")  # sent back by a business, before it was sold
    ledger.a_scan("i2/d", "COMMISSION", "2024-01-12 10:00:00")
    (row,) = return_rates(ledger.warehouse, [Group.ITEM])
    expected = {"units": 3, "returns": 1, "rate": 1 / 3, "low": 0.061492, "high": 0.79234}
    assert row == {"item": "i1"} | {name: pytest.approx(number, abs=1e-6) for name, number in expected.items()}


@pytest.mark.parametrize("by", [[], list(Group)])
def test_an_empty_ledger_has_no_rates(ledger: LedgerRows, by: list[Group]) -> None:
    assert failure_rates(ledger.warehouse, by) == []
    assert failure_rates(ledger.warehouse, by, Exposure.IN_SERVICE) == []
    assert return_rates(ledger.warehouse, by) == []


def test_a_timeline_shows_first_and_newest_decision_in_order_of_event_time(ledger: LedgerRows) -> None:
    told = {"previous_site": "B", "previous_event_time": "2024-01-01 10:00:00"}
    sold = ledger.a_scan("i1/a", "SELL", "2024-01-10 10:00:00", "REJECTED", reason="UNKNOWN_UNIT", **told)
    ledger.a_scan("i1/a", "COMMISSION", "2024-01-01 10:00:00")
    ledger.a_revision(sold, "i1/a", "REJECTED", "ILLEGAL_TRANSITION", **told)
    newest = ledger.a_revision(sold, "i1/a", "ACCEPTED", "NONE", state_before="COMMISSIONED", state_after="SOLD")
    ledger.a_scan("i1/other", "COMMISSION", "2024-01-01 10:00:00")
    rows = ask(ledger.warehouse, "unit_timeline", item="i1", serial="a", **ALL_KNOWN, most=10)
    assert [(row["step"], row["first_outcome"], row["outcome"], row["reason"]) for row in rows] == [
        ("COMMISSION", "ACCEPTED", "ACCEPTED", "NONE"),
        ("SELL", "REJECTED", "ACCEPTED", "NONE"),
    ]
    assert rows[0]["revised_at"] is None
    assert rows[1]["revised_at"] is not None
    assert (rows[1]["previous_site"], rows[1]["previous_event_time"], rows[1]["sequence"]) == (None, None, newest)
    assert rows[1]["event_time"].isoformat() == "2024-01-10T10:00:00+00:00"


def test_a_unit_is_shown_as_its_newest_state(ledger: LedgerRows) -> None:
    ledger.a_unit("i1/a", "STORED")
    ledger.a_unit("i1/a", "SOLD", sold_at="2024-01-10 10:00:00.000", custody=None)
    row = standing(ledger.warehouse, UnitKey("i1", "a"))
    assert row is not None
    assert (row["state"], row["unit_key"], row["custody"], row["labels"]) == ("SOLD", "i1/a", None, [])
    assert standing(ledger.warehouse, UnitKey("i1", "b")) is None


def test_alerts_are_filtered_by_status_kind_unit_and_id(ledger: LedgerRows) -> None:
    ledger.an_alert("a" * 32, "i1/a", "SEEN_AFTER_END", "OPEN", "OPENED")
    ledger.an_alert("b" * 32, "i1/b", "CUSTODY_CONFLICT", "OPEN", "OPENED")
    ledger.an_alert("b" * 32, "i1/b", "CUSTODY_CONFLICT", "CLOSED", "CLOSED", author="ann", reason="checked")

    def ids(**filters: list[str]) -> list[str]:
        everything: dict[str, list[str]] = {"statuses": [], "kinds": [], "units": [], "ids": []}
        return [row["id"][0] for row in ask(ledger.warehouse, "alerts", most=10, **(everything | filters))]

    assert ids() == ["b", "a"]
    assert ids(statuses=["OPEN", "ACKNOWLEDGED"]) == ["a"]
    assert ids(kinds=["CUSTODY_CONFLICT"]) == ["b"]
    assert ids(units=["i1/a", "i1/c"]) == ["a"]
    assert ids(ids=["b" * 32], statuses=["OPEN"]) == []


def test_a_site_is_unknown_until_a_load_that_was_applied_names_it(ledger: LedgerRows) -> None:
    ledger.a_scan("i1/a", "COMMISSION", "2024-01-01 10:00:00", "FLAGGED", reason="UNKNOWN_SITE", site="North")
    ledger.a_scan("i1/a", "STORE", "2024-01-02 10:00:00", site="South")
    ledger.a_scan("i1/b", "STORE", "2024-01-02 10:00:00", "REJECTED", reason="FUTURE_TIME", site="Nowhere")
    ledger.an_act("SITES", [{"name": "North"}], result="REFUSED")
    unknown = ask(ledger.warehouse, "sites_unknown")
    assert [(row["site"], row["scans"], row["units"], row["flagged"]) for row in unknown] == [
        ("North", 1, 1, 1),
        ("South", 1, 1, 0),
    ]
    ledger.an_act("SITES", [{"name": "North", "latitude": 1.5}, {"name": 'Ünder "q"'}])
    assert [row["site"] for row in ask(ledger.warehouse, "sites_unknown")] == ["South"]


def test_the_modes_in_force_are_those_of_the_last_load_that_was_applied(ledger: LedgerRows) -> None:
    assert ask(ledger.warehouse, "modes") == []
    for mode, result in (("observe", "APPLIED"), ("warn", "APPLIED"), ("block", "REFUSED")):
        ledger.an_act("MODES", [{"rule": "STOLEN", "mode": mode}], result=result, subject="modes")
    (row,) = ask(ledger.warehouse, "modes")
    assert (row["content"], row["author"], row["version"], row["partitions"]) == (
        '[{"rule": "STOLEN", "mode": "warn"}]', "ann", 1, 1,
    )  # fmt: skip


def test_scans_are_counted_and_listed_under_their_newest_reason(ledger: LedgerRows) -> None:
    ledger.a_scan("i1/a", "COMMISSION", "2024-01-01 10:00:00")
    taken_back = ledger.a_scan("i1/a", "SHIP", "2024-01-02 10:00:00")
    ledger.a_scan("i1/a", "SHIP", "2024-01-03 10:00:00", "REJECTED", reason="ILLEGAL_TRANSITION")
    ledger.a_revision(taken_back, "i1/a", "REJECTED", "RETRACTED")
    counted = [(row["outcome"], row["reason"], row["scans"]) for row in ask(ledger.warehouse, "verdicts")]
    assert counted == [("ACCEPTED", "NONE", 1), ("REJECTED", "ILLEGAL_TRANSITION", 1), ("REJECTED", "RETRACTED", 1)]
    listed = ask(ledger.warehouse, "remarkable_scans")
    assert [row["reason"] for row in listed] == ["RETRACTED", "ILLEGAL_TRANSITION"]
    assert len({row["scan_id"] for row in listed}) == 2


def test_dead_letters_are_listed_newest_first_and_shown_with_their_bytes(ledger: LedgerRows) -> None:
    first = ledger.a_dead_letter("TRUNCATED", key="k\u0000", value="\u0000\u0001")
    ledger.a_dead_letter("NO_VALUE", value=None)
    listed = ask(ledger.warehouse, "dead_letters", error="", most=10, skip=0)
    assert [row["error"] for row in listed] == ["NO_VALUE", "TRUNCATED"]
    assert [row["error"] for row in ask(ledger.warehouse, "dead_letters", error="", most=1, skip=1)] == ["TRUNCATED"]
    named = ask(ledger.warehouse, "dead_letters", error="TRUNCATED", most=10, skip=0)
    assert [row["ordinal"] for row in named] == [first]
    (shown,) = ask(ledger.warehouse, "dead_letter", in_partition=0, at_ordinal=first)
    assert (shown["key_hex"], shown["value_hex"]) == ("6B00", "0001")


@pytest.mark.parametrize("name", questions())
def test_every_question_states_its_grain_denominator_and_late_data(name: str) -> None:
    comments = [line for line in question(name).splitlines() if line.startswith("--")]
    for word in ("-- Grain:", "-- Denominator:", "-- Late data:"):
        assert any(line.startswith(word) for line in comments)


def test_an_unknown_question_lists_those_there_are() -> None:
    with pytest.raises(KeyError, match="return_rate"):
        question("nonsense")
