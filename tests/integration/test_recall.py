"""Recalls on rows of the real migrations: what is affected, where it is, what joins later, what is recovered."""

import json
from datetime import UTC, datetime

import polars as pl
import pytest

from analytics.recall.asked import Asked, BadPredicate, Predicate
from analytics.recall.recalls import Act, NoSuchRecall, Standing, begin, end, preview, recalls, standing
from pipeline.warehouse.client import Warehouse
from tests.ledger_rows import LedgerRows

CELL, PACK, BIKE = "sku:ACME/CELL", "sku:ACME/PACK", "sku:ACME/BIKE"
OF_L7 = Asked(predicate=Predicate(lots=("L7",)))


@pytest.fixture
def ledger(warehouse: Warehouse) -> LedgerRows:
    """Cell 1 of lot L7 is in pack 1, that in bike 1, which is sold; cell 2 of L7 was in pack 2 and was replaced."""
    ledger = LedgerRows(warehouse)
    with ledger.at_once():
        for item, lots in ((CELL, ("L7", "L7", "L8")), (PACK, ("P1", "P1")), (BIKE, ("B1", "B1"))):
            for number, lot in enumerate(lots, start=1):
                made(ledger, f"{item}/{number}", lot)
        installed(ledger, f"{CELL}/1", f"{PACK}/1", 2, lot="L7")
        installed(ledger, f"{PACK}/1", f"{BIKE}/1", 3, lot="P1")
        installed(ledger, f"{CELL}/2", f"{PACK}/2", 2, lot="L7")
        ledger.a_scan(f"{CELL}/2", "REMOVE", day(4), site="repair")
        now(ledger, f"{CELL}/2", "STORED", "repair", lot="L7")
        ledger.a_scan(f"{BIKE}/1", "SELL", day(5), site="shop")
        now(ledger, f"{BIKE}/1", "SOLD", "shop", lot="B1", sold_at=day(5))
    return ledger


def day(number: int) -> str:
    return f"2024-03-{number:02} 10:00:00.000"


def made(ledger: LedgerRows, unit: str, lot: str, number: int = 1, site: str = "plant") -> None:
    ledger.a_scan(unit, "COMMISSION", day(number), site=site, lot=lot)
    now(ledger, unit, "COMMISSIONED", site, lot=lot, commissioned_at=day(number))


def installed(ledger: LedgerRows, part: str, product: str, number: int, **other: object) -> int:
    ordinal = ledger.a_scan(part, "INSTALL", day(number), other_unit=product, site="plant")
    if "lot" not in other:
        lot = "SELECT lot FROM unit_state FINAL WHERE unit_key = {u:String}"
        ((other["lot"],),) = ledger.warehouse.query_rows(lot, {"u": part})
    now(ledger, part, "INSTALLED", "plant", parent=product, commissioned_at=day(1), **other)
    return ordinal


def now(ledger: LedgerRows, unit: str, state: str, site: str, **other: object) -> None:
    ledger.a_unit(unit, state, site=site, **({"commissioned_at": day(1), "last_event_time": day(6)} | other))


def started(ledger: LedgerRows, asked: Asked) -> str:
    """Starts a recall as the verb does, its act written as the sink writes it."""
    act, _, _ = begin(ledger.warehouse, asked, "cells swell")
    written(ledger, "RECALL_START", act)
    return act.recall


def written(ledger: LedgerRows, kind: str, act: Act) -> None:
    ledger.an_act(kind, act.content, subject=f"recall:{act.recall}")


def short(units: pl.DataFrame) -> dict[str, tuple[str, str, str]]:
    rows = units.select("unit_key", "holds_now", "place", "site").iter_rows()
    return {
        key.removeprefix("sku:ACME/"): ("now" if holds else "before", place, site) for key, holds, place, site in rows
    }


def affected(ledger: LedgerRows, asked: Asked) -> dict[str, tuple[str, str, str]]:
    return short(begin(ledger.warehouse, asked)[2])


def test_a_bad_lot_reaches_what_its_units_were_built_into_and_a_part_is_where_its_product_is(
    ledger: LedgerRows,
) -> None:
    assert affected(ledger, OF_L7) == {
        "CELL/1": ("now", "with customer", "shop"),
        "PACK/1": ("now", "with customer", "shop"),
        "BIKE/1": ("now", "with customer", "shop"),
        "CELL/2": ("now", "on hand", "repair"),
        "PACK/2": ("before", "on hand", "plant"),
    }


def test_the_parts_sum_to_the_total_and_the_predicates_say_what_is_named_needlessly(ledger: LedgerRows) -> None:
    seen = preview(ledger.warehouse, OF_L7)
    assert (seen.units, seen.holds_now, seen.held_before) == (5, 4, 1)
    assert sum(part.units for part in seen.places) == 5
    assert all(part.units == part.holds_now + part.held_before for part in seen.places)
    described = [(one.text, one.units, one.excess) for one in seen.description.predicates]
    assert described == [
        ("item sku:ACME/PACK", 2, 0),
        ("item sku:ACME/CELL, lot L7", 2, 0),
        ("item sku:ACME/BIKE", 1, 1),
    ]
    assert (seen.description.excess, seen.description.not_described) == (1, 0)


def test_a_component_lot_recalls_the_products_and_not_the_components(ledger: LedgerRows) -> None:
    bikes = Asked(predicate=Predicate(items=(BIKE,), component_lots=("L7",)))
    assert set(affected(ledger, bikes)) == {"BIKE/1"}
    assert set(affected(ledger, Asked(predicate=Predicate(component_lots=("L7",))))) == {"PACK/1", "PACK/2", "BIKE/1"}


def test_a_product_is_recalled_though_its_own_lot_bears_the_component_s_name(ledger: LedgerRows) -> None:
    made(ledger, f"{PACK}/9", "L7")
    installed(ledger, f"{CELL}/3", f"{PACK}/9", 2)
    in_packs = Asked(predicate=Predicate(items=(PACK,), component_lots=("L7",)))
    assert set(affected(ledger, in_packs)) == {"PACK/1", "PACK/2", "BIKE/1"}
    made(ledger, f"{CELL}/9", "L7")
    installed(ledger, f"{CELL}/9", f"{PACK}/9", 2)
    assert set(affected(ledger, in_packs)) == {"PACK/1", "PACK/2", "PACK/9", "BIKE/1"}


def test_only_what_holds_it_now_and_only_what_held_it_while_it_was_bad(ledger: LedgerRows) -> None:
    assert set(affected(ledger, OF_L7.model_copy(update={"current_only": True}))) == {
        "CELL/1",
        "CELL/2",
        "PACK/1",
        "BIKE/1",
    }
    late = OF_L7.model_copy(update={"bad_from": datetime(2024, 3, 5, tzinfo=UTC)})
    assert set(affected(ledger, late)) == {"CELL/1", "CELL/2", "PACK/1", "BIKE/1"}
    early = OF_L7.model_copy(update={"bad_to": datetime(2024, 3, 3, tzinfo=UTC)})
    assert affected(ledger, early) == {
        "CELL/1": ("now", "with customer", "shop"),
        "PACK/1": ("now", "with customer", "shop"),
        "CELL/2": ("now", "on hand", "repair"),
        "PACK/2": ("before", "on hand", "plant"),
    }


def test_down_adds_what_the_seed_contains_and_nothing_of_what_was_reached_upward(ledger: LedgerRows) -> None:
    installed(ledger, f"{CELL}/3", f"{BIKE}/1", 4)
    packs = Asked(predicate=Predicate(items=(PACK,)), with_down=True)
    assert set(affected(ledger, packs)) == {"PACK/1", "PACK/2", "BIKE/1", "CELL/1", "CELL/2"}


def test_a_part_installed_again_has_two_intervals(ledger: LedgerRows) -> None:
    installed(ledger, f"{CELL}/2", f"{PACK}/2", 6)
    units = begin(ledger.warehouse, OF_L7)[2].filter(pl.col("unit_key") == f"{PACK}/2")
    begun, ended = units["held_from"].item().to_list(), units["held_to"].item().to_list()
    assert [one.day for one in begun] == [2, 6]
    assert [None if one is None else one.day for one in ended] == [4, None]


def test_a_retired_label_is_the_unit_it_was_retired_for(ledger: LedgerRows) -> None:
    ledger.a_scan(f"{BIKE}/2", "RELABEL", day(4), other_unit=f"{BIKE}/NEW")
    now(ledger, f"{BIKE}/2", "COMMISSIONED", "plant", lot="B1", alias_of=f"{BIKE}/NEW")
    now(ledger, f"{BIKE}/NEW", "RECEIVED", "depot", lot="B1")
    installed(ledger, f"{CELL}/3", f"{BIKE}/2", 3)
    assert affected(ledger, Asked(predicate=Predicate(lots=("L8",)))) == {
        "CELL/3": ("now", "on hand", "depot"),
        "BIKE/NEW": ("now", "on hand", "depot"),
    }


@pytest.mark.parametrize(
    ("predicate", "is_found"),
    [
        (Predicate(sites=("factory",)), True),
        (Predicate(sites=("depot",)), False),
        (Predicate(lines=("4",), suppliers=("S&Co",)), True),
        (Predicate(sites=("factory",), suppliers=("S&Co",)), True),
        (Predicate(items=("sku:ACME/NEW",), lines=("4",), sites=("factory",)), True),
        (Predicate(items=("sku:ACME/OLD",), suppliers=("S&Co",), lots=("L1", "L2")), True),
        (Predicate(lots=("L1",), lines=("5",)), False),
    ],
)
def test_each_condition_may_fit_another_label_and_made_is_where_the_first_was_seen(
    ledger: LedgerRows, predicate: Predicate, is_found: bool
) -> None:
    old, new = "sku:ACME/OLD/1", "sku:ACME/NEW/1"
    made(ledger, old, "L1", site="factory")
    ledger.a_scan(old, "INSPECT", day(2), site="factory", attributes=[{"name": "line", "value": "4"}])
    ledger.a_scan(old, "RELABEL", day(4), site="depot", other_unit=new)
    now(ledger, old, "COMMISSIONED", "depot", lot="L1", alias_of=new)
    ledger.a_scan(new, "INSPECT", day(5), site="depot", attributes=[{"name": "supplier", "value": "S&Co"}])
    now(ledger, new, "RECEIVED", "depot", lot="L2")
    seen = preview(ledger.warehouse, Asked(predicate=predicate))
    assert (seen.units, seen.description.excess) == (int(is_found), 0)


def test_labels_retired_for_each_other_are_one_unit(ledger: LedgerRows) -> None:
    for one, other in (("1", "2"), ("2", "1")):
        now(ledger, f"{PACK}/{one}", "COMMISSIONED", "plant", lot="P1", alias_of=f"{PACK}/{other}")
    assert len([key for key in affected(ledger, OF_L7) if key.startswith("PACK")]) == 1


def test_what_shares_a_container_is_no_kin(ledger: LedgerRows) -> None:
    for unit in (f"{CELL}/3", f"{BIKE}/2"):
        ledger.a_scan(unit, "PACK", day(3), container="sscc:106141412345678908")
        now(
            ledger,
            unit,
            "PACKED",
            "plant",
            lot="L8" if unit == f"{CELL}/3" else "B1",
            container="sscc:106141412345678908",
        )
    assert set(affected(ledger, Asked(predicate=Predicate(lots=("L8",)), with_down=True))) == {"CELL/3"}


def test_a_correction_that_takes_an_install_back_takes_its_product_off(ledger: LedgerRows) -> None:
    wrong = installed(ledger, f"{CELL}/3", f"{BIKE}/2", 3)
    of_l8 = Asked(predicate=Predicate(lots=("L8",)))
    assert set(affected(ledger, of_l8)) == {"CELL/3", "BIKE/2"}
    ledger.a_revision(wrong, f"{CELL}/3", "REJECTED", "RETRACTED")
    now(ledger, f"{CELL}/3", "COMMISSIONED", "plant", lot="L8")
    assert set(affected(ledger, of_l8)) == {"CELL/3"}


def test_what_came_of_a_transformation_holds_what_went_in_for_ever(ledger: LedgerRows) -> None:
    of_t = [{"name": "transformation", "value": "t1"}]
    made(ledger, "sku:ACME/CAKE/1", "C1", 9)
    ledger.a_scan(f"{CELL}/3", "RETIRE", day(8), attributes=of_t)
    ledger.a_scan("sku:ACME/CAKE/1", "COMMISSION", day(9), attributes=of_t)
    now(ledger, f"{CELL}/3", "RETIRED", "plant", lot="L8")
    assert affected(ledger, Asked(predicate=Predicate(lots=("L8",)))) == {
        "CELL/3": ("now", "scrapped", "plant"),
        "CAKE/1": ("now", "on hand", "plant"),
    }


def test_a_product_that_nobody_scanned_is_in_an_unknown_place(ledger: LedgerRows) -> None:
    installed(ledger, f"{CELL}/3", "sku:ACME/BOX/7", 3)
    found = affected(ledger, Asked(predicate=Predicate(lots=("L8",))))
    assert found["BOX/7"] == ("now", "unknown", "")
    assert preview(ledger.warehouse, Asked(predicate=Predicate(lots=("L8",)))).description.not_described == 1


@pytest.mark.parametrize(
    ("predicate", "units"),
    [
        (Predicate(items=(BIKE,)), {"BIKE/1", "BIKE/2"}),
        (Predicate(items=(BIKE, PACK), lots=("P1",)), {"PACK/1", "PACK/2", "BIKE/1"}),
        (Predicate(suppliers=("S&Co",)), {"BIKE/2"}),
        (Predicate(lines=("4",), items=(CELL,)), {"CELL/3"}),
        (Predicate(sites=("elsewhere",)), {"CELL/9"}),
        (Predicate(made_from=datetime(2024, 3, 7, tzinfo=UTC), made_to=datetime(2024, 3, 8, tzinfo=UTC)), {"CELL/9"}),
        (Predicate(made_from=datetime(2024, 3, 8, tzinfo=UTC)), set()),
    ],
)
def test_every_condition_must_fit(ledger: LedgerRows, predicate: Predicate, units: set[str]) -> None:
    ledger.a_scan(f"{BIKE}/2", "INSPECT", day(2), attributes=[{"name": "supplier", "value": "S&Co"}])
    for unit in (f"{CELL}/3", f"{BIKE}/2"):
        ledger.a_scan(unit, "INSPECT", day(2), attributes=[{"name": "line", "value": "4"}])
    made(ledger, f"{CELL}/9", "L9", 7, site="elsewhere")
    seen = preview(ledger.warehouse, Asked(predicate=predicate))
    assert seen.units == len(units)
    if units:
        assert set(affected(ledger, Asked(predicate=predicate))) == units


def test_a_recall_without_a_condition_is_refused(ledger: LedgerRows) -> None:
    with pytest.raises(BadPredicate, match="needs a condition"):
        preview(ledger.warehouse, Asked(predicate=Predicate()))
    with pytest.raises(BadPredicate, match="no unit is affected"):
        begin(ledger.warehouse, Asked(predicate=Predicate(lots=("NONE",))))


def test_a_started_recall_keeps_its_list_and_marks_what_joins_later_and_what_is_recovered(ledger: LedgerRows) -> None:
    recall = started(ledger, OF_L7)
    first = standing(ledger.warehouse, recall).recall
    assert (first.units, first.joined, first.recovered, first.head.reason) == (5, 0, 0, "cells swell")
    assert first.head.asked == OF_L7
    installed(ledger, f"{CELL}/2", f"{BIKE}/2", 7)
    ledger.a_scan(f"{BIKE}/1", "RETURN", "2024-06-02 10:00:00.000", site="shop")
    ledger.a_scan(f"{PACK}/2", "DESTROY", "2024-05-31 10:00:00.000")
    found = standing(ledger.warehouse, recall)
    assert marked(found, "has_joined") == {"BIKE/2"}
    assert marked(found, "is_recovered") == {"BIKE/1"}
    assert (found.recall.units, found.recall.joined, found.recall.recovered) == (5, 1, 1)
    assert sum(part.units for part in found.recall.places) == 6


def marked(found: Standing, column: str) -> set[str]:
    return {key.removeprefix("sku:ACME/") for key in found.units.filter(column)["unit_key"]}


def test_a_unit_stays_on_the_list_when_its_scan_was_taken_back(ledger: LedgerRows) -> None:
    wrong = installed(ledger, f"{CELL}/2", f"{BIKE}/2", 6)
    recall = started(ledger, OF_L7)
    ledger.a_revision(wrong, f"{CELL}/2", "REJECTED", "RETRACTED")
    now(ledger, f"{CELL}/2", "STORED", "repair", lot="L7")
    found = standing(ledger.warehouse, recall)
    assert (found.recall.units, found.recall.left) == (6, 1)
    assert (found.recall.holds_now, found.recall.held_before) == (4, 1)
    assert sum(part.left for part in found.recall.places) == 1
    assert marked(found, "is_listed_only") == {"BIKE/2"}


def test_of_a_recall_of_what_holds_it_now_a_part_that_is_removed_later_is_held_before(ledger: LedgerRows) -> None:
    recall = started(ledger, OF_L7.model_copy(update={"current_only": True}))
    ledger.a_scan(f"{CELL}/1", "REMOVE", day(7), site="repair")
    now(ledger, f"{CELL}/1", "STORED", "repair", lot="L7")
    found = standing(ledger.warehouse, recall)
    assert (found.recall.holds_now, found.recall.held_before, found.recall.left, found.recall.joined) == (2, 2, 0, 0)
    assert set(found.units.filter(~pl.col("holds_now"))["unit_key"]) == {f"{PACK}/1", f"{BIKE}/1"}


def test_a_closed_recall_says_what_had_joined_and_is_closed_once(ledger: LedgerRows) -> None:
    recall = started(ledger, OF_L7)
    installed(ledger, f"{CELL}/2", f"{BIKE}/2", 7)
    act, closed = end(ledger.warehouse, recall, "all found")
    written(ledger, "RECALL_CLOSE", act)
    assert (closed.joined, json.loads(json.dumps(act.content))["joined"]) == (1, 1)
    head = recalls(ledger.warehouse)[0]
    assert (head.status, head.closed_by, head.closed_reason, head.units) == ("CLOSED", "ann", "all found", 5)
    assert marked(standing(ledger.warehouse, recall), "has_joined") == {"BIKE/2"}
    with pytest.raises(BadPredicate, match="was closed by ann"):
        end(ledger.warehouse, recall)


def test_a_recall_that_nobody_started_is_said_to_be_unknown(ledger: LedgerRows) -> None:
    with pytest.raises(NoSuchRecall, match="recall list"):
        standing(ledger.warehouse, "nope")


def test_a_list_whose_act_came_to_nothing_is_left_alone_and_the_next_try_has_one_of_its_own(ledger: LedgerRows) -> None:
    once = "0123456789abcdef"
    first, _, units = begin(ledger.warehouse, OF_L7, recall=once)
    again, _, _ = begin(ledger.warehouse, Asked(predicate=Predicate(lots=("L8",))), recall=once)
    assert first.recall == once != again.recall
    kept = "SELECT count() FROM recall_units FINAL WHERE recall = {recall:String}"
    assert ledger.warehouse.query_rows(kept, {"recall": once}) == [(len(units),)]
