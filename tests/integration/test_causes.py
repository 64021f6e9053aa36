"""Root causes and early warnings out of a ledger: what is planted is found, counts are those of plain Python."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import NamedTuple

import numpy as np
import pytest

from analytics.causes import AskedCauses, causes_answer
from analytics.early_warnings import AskedWarnings, warnings_answer
from analytics.findings import Stated, found, schedule
from analytics.lifetimes import Asked, Ending, Origin
from analytics.rates import Exposure
from analytics.statistics.baseline import AGE_BANDS
from pipeline.warehouse.client import Warehouse
from tests.ledger_rows import LedgerRows, Row

SOLD = datetime(2024, 1, 1, 12, tzinfo=UTC)
END = datetime(2026, 1, 1, 12, tzinfo=UTC)
IN_SERVICE = Asked(origin=Origin.SOLD, exposure=Exposure.IN_SERVICE)


class Made(NamedTuple):
    """A unit as it was made up: sold on a day, failed on another or never."""

    item: str
    lot: str
    supplier: str
    sold: datetime
    failed: datetime | None


def fill(ledger: LedgerRows, made: list[Made]) -> None:
    """Insert a sale for each unit, a failure where there is one, and the ledger's last scan."""
    serials, rows = count(), list[Row]()
    for unit in made:
        name = f"{unit.item}/{next(serials)}"
        told = {"lot": unit.lot, "attributes": [{"name": "supplier", "value": unit.supplier}] if unit.supplier else []}
        rows.append(ledger.scan_row(name, "SELL", text(unit.sold), "ACCEPTED", **told, received_at=text(unit.sold)))
        if unit.failed is not None:
            known = text(unit.failed + timedelta(days=2))
            rows.append(ledger.scan_row(name, "FAIL", text(unit.failed), "ACCEPTED", lot=unit.lot, received_at=known))
    rows.append(ledger.scan_row("other/1", "OBSERVE", text(END), "ACCEPTED"))
    ledger.insert("unit_events", *rows)


def text(when: datetime) -> str:
    return when.strftime("%Y-%m-%d %H:%M:%S.000")


def some_units(seed: int, bad: str) -> list[Made]:
    """Returns 3,000 units of two items, lots and suppliers by chance; those of a supplier fail four times as often."""
    generator = np.random.default_rng(seed)
    made = []
    for _ in range(3_000):
        supplier = f"s{generator.integers(12)}"
        sold = SOLD + timedelta(days=int(generator.integers(400)))
        age = generator.exponential(365 / (0.4 if supplier == bad else 0.1))
        failed = sold + timedelta(days=float(age))
        item, lot = f"i{generator.integers(2)}", f"l{generator.integers(30)}"
        made.append(
            Made(item, lot, supplier if generator.random() > 0.1 else "", sold, failed if failed < END else None)
        )
    return made


@pytest.fixture
def ledger(warehouse: Warehouse) -> LedgerRows:
    return LedgerRows(warehouse)


def spent(unit: Made, band: int) -> int:
    """Returns a unit's days in an age band, both first and last day counted."""
    last = ((unit.failed or END).date() - unit.sold.date()).days + 1
    ends = [*AGE_BANDS[1:], 1 << 31]
    return max(min(last, ends[band]) - AGE_BANDS[band], 0)


def failed_in(unit: Made, band: int) -> bool:
    if unit.failed is None:
        return False
    last = (unit.failed.date() - unit.sold.date()).days + 1
    return bool(AGE_BANDS[band] < last <= [*AGE_BANDS[1:], 1 << 31][band])


def expected_of(made: list[Made], chosen: list[Made]) -> tuple[int, float]:
    """Returns failures of the chosen units, and those due at the rates of all, by item and band."""
    seen, due = 0, 0.0
    for item in {unit.item for unit in made}:
        for band in range(len(AGE_BANDS)):
            here = [unit for unit in made if unit.item == item]
            days, failures = sum(spent(u, band) for u in here), sum(failed_in(u, band) for u in here)
            mine = [unit for unit in chosen if unit.item == item]
            own = sum(spent(u, band) for u in mine)
            if 0 < own < days:
                seen, due = seen + sum(failed_in(u, band) for u in mine), due + failures * own / days
    return seen, due


def test_a_bad_supplier_is_the_first_cause_with_the_numbers_of_plain_python(ledger: LedgerRows) -> None:
    made = some_units(1, "s7")
    fill(ledger, made)
    answer = causes_answer(ledger.warehouse, AskedCauses(IN_SERVICE))
    first = answer["causes"][0]
    assert (first["attribute"], first["value"]) == ("supplier", "s7")
    seen, due = expected_of(made, [unit for unit in made if unit.supplier == "s7"])
    assert first["failures"] == seen
    assert first["expected"] == pytest.approx(due)
    assert first["low"] > 2
    assert answer["n"] == len(made)
    assert answer["events"] == sum(unit.failed is not None for unit in made)
    assert answer["excluded"] == {"unknown_age": 1, "never_at_risk": 0}


def test_nothing_planted_finds_nothing_here(ledger: LedgerRows) -> None:
    fill(ledger, some_units(2, "none"))
    answer = causes_answer(ledger.warehouse, AskedCauses(IN_SERVICE))
    assert answer["causes"] == []
    assert answer["compared"] > 40


def test_a_lot_that_all_came_from_one_supplier_is_one_cause_with_it(ledger: LedgerRows) -> None:
    made = [unit._replace(lot="bad") if unit.supplier == "s7" else unit for unit in some_units(3, "s7")]
    fill(ledger, made)
    causes = causes_answer(ledger.warehouse, AskedCauses(IN_SERVICE))["causes"]
    assert {causes[0]["attribute"], *causes[0]["same"]} & {"lot", "supplier"}
    assert [f"{causes[0]['attribute']} {causes[0]['value']}", *causes[0]["same"]] in (
        ["lot bad", "supplier s7"],
        ["supplier s7", "lot bad"],
    )


def test_only_the_items_asked_for_are_compared(ledger: LedgerRows) -> None:
    made = some_units(4, "s7")
    fill(ledger, made)
    answer = causes_answer(ledger.warehouse, AskedCauses(IN_SERVICE, ("supplier",), ("i1",)))
    assert answer["n"] == sum(unit.item == "i1" for unit in made)
    assert {cause["attribute"] for cause in answer["causes"]} == {"supplier"}


def test_what_was_not_compared_says_why_and_what_to_do(ledger: LedgerRows) -> None:
    fill(ledger, some_units(4, "none")[:300])
    warehouse = ledger.warehouse
    answer = causes_answer(warehouse, AskedCauses(IN_SERVICE, ("nosuch",)))
    assert answer["compared"] == 0
    assert answer["reason"] == "No unit compared has nosuch; name any of lot, month, site, supplier."
    both = causes_answer(warehouse, AskedCauses(IN_SERVICE, ("lot", "nosuch")))
    assert (both["compared"] > 0, both["reason"]) == (True, answer["reason"])
    assert causes_answer(warehouse, AskedCauses(IN_SERVICE))["reason"] == ""
    alike = causes_answer(warehouse, AskedCauses(IN_SERVICE, ("site",)))
    assert (alike["compared"], alike["reason"][:40]) == (0, "Every value is of all units alike: there")
    made = causes_answer(warehouse, AskedCauses(Asked(origin=Origin.COMMISSIONED)))
    assert made["reason"].startswith("No unit counts: 301 without this origin")
    returned = IN_SERVICE._replace(event=Ending.RETURN)
    assert "has the event RETURN" in causes_answer(warehouse, AskedCauses(returned))["reason"]


def test_an_attribute_that_no_unit_compared_has_is_not_named_as_one_to_ask_for(ledger: LedgerRows) -> None:
    fill(ledger, [Made("i1", "", "", SOLD, None), Made("i1", "", "", SOLD, END), Made("i2", "", "s1", SOLD, END)])
    lots = causes_answer(ledger.warehouse, AskedCauses(IN_SERVICE, ("lot",)))
    assert lots["reason"] == "No unit compared has lot; name any of month, site, supplier."
    suppliers = causes_answer(ledger.warehouse, AskedCauses(IN_SERVICE, ("supplier",), ("i1",)))
    assert suppliers["reason"] == "No unit compared has supplier; name any of lot, month, site."


def test_an_empty_ledger_has_no_causes_and_no_warnings(ledger: LedgerRows) -> None:
    answer = causes_answer(ledger.warehouse, AskedCauses())
    assert (answer["n"], answer["causes"], answer["data_end"]) == (0, [], None)
    assert warnings_answer(ledger.warehouse, AskedWarnings())["warnings"] == []


def lots(seed: int, bad: str, times: float) -> list[Made]:
    """Returns eight lots of one item, sold over time; one fails more often from its sale on."""
    generator = np.random.default_rng(seed)
    made = []
    for number in range(8):
        rate = 0.3 * (times if f"l{number}" == bad else 1.0)
        for _ in range(250):
            sold = SOLD + timedelta(days=int(generator.integers(60)) + 60 * number)
            failed = sold + timedelta(days=float(generator.exponential(365 / rate)))
            made.append(Made("i0", f"l{number}", "", sold, failed if failed < END - timedelta(days=3) else None))
    return made


def test_a_lot_that_fails_three_times_as_often_is_warned_of_again_and_again(ledger: LedgerRows) -> None:
    fill(ledger, lots(5, "l6", 3.0))
    answer = warnings_answer(ledger.warehouse, AskedWarnings(IN_SERVICE))
    warned = [row["lot"] for row in answer["warnings"]]
    assert warned.count("l6") >= 8
    assert len(warned) - warned.count("l6") <= 4  # a false alarm in 90 days
    first = min(answer["warnings"], key=lambda row: row["warned"])
    assert first["failures"] > first["expected"]
    assert first["began"] <= first["warned"]
    assert (answer["streams"], answer["not_tested"]) == (8, [])


def test_a_healthy_ledger_raises_hardly_more_than_an_alarm_in_90_days(ledger: LedgerRows) -> None:
    """Four a year are allowed, and more than nine would come by chance in one year of 200."""
    fill(ledger, lots(6, "none", 1.0))
    answer = warnings_answer(ledger.warehouse, AskedWarnings(IN_SERVICE, days=365))
    assert len(answer["warnings"]) <= 9
    assert answer["threshold"] > 1


def of_the_schedule(ledger: LedgerRows) -> dict[str, Stated]:
    scheduled = next(one for one in schedule() if one.kind == "LOT_WARNING")
    return found(ledger.warehouse, scheduled, int(END.timestamp() * 1000))


def test_a_month_in_which_a_lot_warned_is_a_finding_that_stays_the_same_when_a_day_is_added(ledger: LedgerRows) -> None:
    fill(ledger, lots(5, "l6", 3.0))
    stated = of_the_schedule(ledger)
    of_l6 = [one for one in stated.values() if one.finding.subject == "lot:i0/l6"]
    assert of_l6
    assert all(one.evidence["failures"] > one.evidence["expected"] for one in of_l6)
    assert {one.finding.window.begin for one in of_l6} <= {
        int(datetime(2025, month, 1, tzinfo=UTC).timestamp() * 1000) for month in (10, 11, 12)
    }
    ledger.a_scan("other/2", "OBSERVE", text(END + timedelta(days=1)))
    assert {name for name, one in of_the_schedule(ledger).items() if one.finding.subject == "lot:i0/l6"} == {
        name for name, one in stated.items() if one.finding.subject == "lot:i0/l6"
    }


def test_lots_that_nobody_saw_on_the_last_day_were_tested_all_the_same(ledger: LedgerRows) -> None:
    """Observed until their own last scans, no unit is at risk on the ledger's last day."""
    fill(ledger, lots(5, "l6", 3.0))
    answer = warnings_answer(ledger.warehouse, AskedWarnings(Asked(exposure=Exposure.OBSERVED), days=700))
    assert answer["not_tested"] == []


def test_a_failure_received_after_the_newest_scan_counts_on_the_last_day(ledger: LedgerRows) -> None:
    outbreak = [Made("i0", "l3", "", SOLD + timedelta(days=200), END - timedelta(hours=1)) for _ in range(40)]
    fill(ledger, [*lots(8, "none", 1.0), *outbreak])
    answer = warnings_answer(ledger.warehouse, AskedWarnings(IN_SERVICE, days=30))
    assert ("l3", "2026-01-01") in {(row["lot"], row["warned"]) for row in answer["warnings"]}


def test_lots_whose_item_has_hardly_failed_are_listed_and_not_tested(ledger: LedgerRows) -> None:
    fill(ledger, [unit._replace(failed=None) for unit in lots(7, "none", 1.0)])
    answer = warnings_answer(ledger.warehouse, AskedWarnings(IN_SERVICE))
    assert (answer["threshold"], answer["warnings"], len(answer["not_tested"])) == (None, [], 8)


def test_a_failure_counts_on_the_day_it_became_known(ledger: LedgerRows) -> None:
    """As many failures of one lot at once as raise the alarm, received two days after they happened."""
    outbreak = [Made("i0", "l3", "", SOLD + timedelta(days=200), END - timedelta(days=10)) for _ in range(40)]
    fill(ledger, [*lots(8, "none", 1.0), *outbreak])
    answer = warnings_answer(ledger.warehouse, AskedWarnings(IN_SERVICE, days=30))
    assert "2025-12-24" in {row["warned"] for row in answer["warnings"] if row["lot"] == "l3"}
    assert not {row["warned"] for row in answer["warnings"]} & {"2025-12-22", "2025-12-23"}
