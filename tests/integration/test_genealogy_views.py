"""Who was in what, made of what, whose, and under whose warranty: the views on rows made by hand."""

import pytest

from pipeline.warehouse.client import Warehouse
from tests.ledger_rows import LedgerRows

PALLET, CASE, ITEM = "sscc:106141412345678908", "sscc:106141412345678915", "gtin:09506000134352/A1"


@pytest.fixture
def ledger(warehouse: Warehouse) -> LedgerRows:
    return LedgerRows(warehouse)


def day(number: int) -> str:
    return f"2024-03-{number:02} 10:00:00.000"


def rows(ledger: LedgerRows, select: str) -> list[tuple[object, ...]]:
    """Returns rows with times as days of March, None for none."""
    found = ledger.warehouse.query_rows(select)
    return [tuple(one.day if hasattr(one, "day") else one for one in row) for row in found]


def memberships(ledger: LedgerRows) -> list[tuple[object, ...]]:
    return rows(ledger, "SELECT member, container, `from`, `to` FROM v_memberships ORDER BY member, `from`")


def assemblies(ledger: LedgerRows) -> list[tuple[object, ...]]:
    return rows(ledger, "SELECT component, product, `from`, `to` FROM v_assemblies ORDER BY component, `from`")


def a_packed(
    ledger: LedgerRows, unit: str, container: str, number: int, outcome: str = "ACCEPTED", reason: str = "NONE"
) -> int:
    return ledger.a_scan(unit, "PACK", day(number), outcome, container=container, reason=reason)


def test_a_stay_lasts_from_one_packing_to_the_next(ledger: LedgerRows) -> None:
    a_packed(ledger, ITEM, CASE, 1)
    a_packed(ledger, ITEM, CASE, 2)
    ledger.a_scan(ITEM, "STORE", day(3))
    a_packed(ledger, ITEM, PALLET, 4)
    ledger.a_scan(ITEM, "UNPACK", day(6), container=CASE)
    a_packed(ledger, ITEM, CASE, 8)
    ledger.a_unit(ITEM, "PACKED", container=CASE, last_event_time=day(8))
    assert memberships(ledger) == [(ITEM, CASE, 1, 4), (ITEM, PALLET, 4, 6), (ITEM, CASE, 8, None)]


def test_a_late_packing_takes_its_place_and_one_taken_back_never_was(ledger: LedgerRows) -> None:
    a_packed(ledger, ITEM, PALLET, 5)
    late = a_packed(ledger, ITEM, CASE, 2)
    ledger.a_unit(ITEM, "PACKED", container=PALLET, last_event_time=day(5))
    assert memberships(ledger) == [(ITEM, CASE, 2, 5), (ITEM, PALLET, 5, None)]
    ledger.a_revision(late, ITEM, "REJECTED", "RETRACTED")
    assert memberships(ledger) == [(ITEM, PALLET, 5, None)]


def test_derived_scans_name_their_container_and_say_nothing_of_memberships_but_that_it_was_emptied(
    ledger: LedgerRows,
) -> None:
    a_packed(ledger, ITEM, CASE, 1)
    ledger.a_scan(ITEM, "SHIP", day(2), container=CASE, origin="DERIVED")
    ledger.a_scan(CASE, "UNPACK", day(5), container=CASE)
    ledger.a_scan(ITEM, "UNPACK", day(5), container=CASE, origin="DERIVED")
    ledger.a_unit(ITEM, "RECEIVED", last_event_time=day(5))
    assert memberships(ledger) == [(ITEM, CASE, 1, 5)]


@pytest.mark.parametrize("step", ["SELL", "DISPENSE", "INSTALL", "RETIRE", "DESTROY"])
def test_what_is_sold_installed_or_ended_is_in_no_container_any_more(ledger: LedgerRows, step: str) -> None:
    a_packed(ledger, ITEM, CASE, 1)
    ledger.a_scan(ITEM, step, day(3), other_unit="giai:95060001")
    ledger.a_unit(ITEM, "SOLD", last_event_time=day(3))
    assert memberships(ledger) == [(ITEM, CASE, 1, 3)]


def test_what_a_failure_has_ended_left_its_container_when_it_failed(ledger: LedgerRows) -> None:
    a_packed(ledger, "asset:A/D/1", CASE, 1)
    ledger.a_scan("asset:A/D/1", "FAIL", day(4), state_after="FAILED")
    ledger.a_unit("asset:A/D/1", "FAILED", last_event_time=day(4))
    assert memberships(ledger) == [("asset:A/D/1", CASE, 1, 4)]


def test_a_next_life_begins_in_the_container_that_its_commission_names_or_in_none(ledger: LedgerRows) -> None:
    a_packed(ledger, CASE, PALLET, 1)
    ledger.a_scan(CASE, "COMMISSION", day(2), "FLAGGED", reason="DUPLICATE_COMMISSION", state_before="IN_USE")
    ledger.a_scan(CASE, "COMMISSION", day(3), state_before="IN_USE")
    ledger.a_scan(CASE, "COMMISSION", day(5), state_before="IN_USE", container=PALLET)
    ledger.a_unit(CASE, "IN_USE", container=PALLET, last_event_time=day(5))
    assert memberships(ledger) == [(CASE, PALLET, 1, 3), (CASE, PALLET, 5, None)]


def test_only_what_held_makes_a_stay(ledger: LedgerRows) -> None:
    a_packed(ledger, ITEM, CASE, 1, outcome="REJECTED", reason="ILLEGAL_TRANSITION")
    a_packed(ledger, ITEM, CASE, 2, outcome="FLAGGED", reason="RETIRED_LABEL")
    a_packed(ledger, ITEM, PALLET, 3, outcome="FLAGGED", reason="AGGREGATION_BREAK")
    ledger.a_unit(ITEM, "PACKED", container=PALLET, last_event_time=day(3))
    assert memberships(ledger) == [(ITEM, PALLET, 3, None)]


def test_parts_are_in_a_product_from_install_to_remove(ledger: LedgerRows) -> None:
    for part, other, number in (("P1", "M1", 1), ("P1", "M2", 3), ("P2", "M1", 2)):
        ledger.a_scan(f"i/{part}", "INSTALL", day(number), other_unit=f"m/{other}")
    ledger.a_scan("i/P1", "UNPACK", day(4), container=CASE)
    ledger.a_scan("i/P1", "REMOVE", day(5))
    ledger.a_scan("i/P2", "REPLACE", day(6), other_unit="i/P3")
    ledger.a_unit("i/P1", "STORED", last_event_time=day(5))
    ledger.a_unit("i/P2", "RETIRED", last_event_time=day(6))
    assert assemblies(ledger) == [
        ("i/P1", "m/M1", 1, 3),
        ("i/P1", "m/M2", 3, 5),
        ("i/P2", "m/M1", 2, 6),
    ]
    ledger.a_scan("i/P3", "INSTALL", day(7), other_unit="m/M1")
    ledger.a_unit("i/P3", "INSTALLED", parent="m/M1", last_event_time=day(7))
    assert assemblies(ledger)[-1] == ("i/P3", "m/M1", 7, None)


def test_a_product_that_lets_go_of_all_its_parts_is_told_by_their_derived_scans(ledger: LedgerRows) -> None:
    ledger.a_scan("i/P1", "INSTALL", day(1), other_unit="m/M1")
    ledger.a_scan("m/M1", "REMOVE", day(2), other_unit="m/M1")
    ledger.a_scan("i/P1", "REMOVE", day(2), container="m/M1", origin="DERIVED")
    ledger.a_unit("i/P1", "STORED", last_event_time=day(2))
    assert assemblies(ledger) == [("i/P1", "m/M1", 1, 2)]


def test_inputs_and_outputs_of_a_transformation_are_joined_across_events(ledger: LedgerRows) -> None:
    made = [{"name": "transformation", "value": "t1"}]
    ledger.a_scan("flour/1", "RETIRE", day(1), attributes=made)
    ledger.a_scan("water/1", "RETIRE", day(2), attributes=made)
    ledger.a_scan("bread/1", "COMMISSION", day(3), attributes=made)
    undone = ledger.a_scan("bread/2", "COMMISSION", day(3), attributes=made)
    ledger.a_scan("oven/1", "OBSERVE", day(3), attributes=made)
    ledger.a_scan("salt/1", "RETIRE", day(3), attributes=[{"name": "transformation", "value": "t2"}])
    ledger.a_revision(undone, "bread/2", "REJECTED", "RETRACTED")
    found = rows(ledger, "SELECT made_of, made, put_in_at, made_at FROM v_genealogy ORDER BY ALL")
    assert found == [
        ("flour/1", "bread/1", 1, 3),
        ("flour/1", "oven/1", 1, 3),
        ("oven/1", "bread/1", 3, 3),
        ("oven/1", "oven/1", 3, 3),
        ("water/1", "bread/1", 2, 3),
        ("water/1", "oven/1", 2, 3),
    ]


def test_transfers_make_a_chain_of_owners(ledger: LedgerRows) -> None:
    def to(owner: str, name: str = "owner") -> list[dict[str, str]]:
        return [{"name": "colour", "value": "red"}, {"name": name, "value": owner}]

    ledger.a_scan(ITEM, "TRANSFER", day(5), attributes=to("p-77", "owning_party"))
    ledger.a_scan(ITEM, "TRANSFER", day(2), attributes=to("p-12"))
    taken_back = ledger.a_scan(ITEM, "TRANSFER", day(3), attributes=to("p-99"))
    ledger.a_scan(ITEM, "TRANSFER", day(4))
    ledger.a_scan(ITEM, "SELL", day(6), attributes=to("p-50"))
    ledger.a_revision(taken_back, ITEM, "REJECTED", "RETRACTED")
    found = rows(ledger, "SELECT owner, `from`, `to`, place FROM v_owners ORDER BY place")
    assert found == [("p-12", 2, 5, 1), ("p-77", 5, None, 2)]


def test_what_is_in_a_container_has_the_owner_that_its_transfer_names(ledger: LedgerRows) -> None:
    owned = [{"name": "owner", "value": "p-12"}]
    ledger.a_scan("c/C1", "TRANSFER", day(2), attributes=owned)
    ledger.a_scan(ITEM, "TRANSFER", day(2), container="c/C1", origin="DERIVED", attributes=owned)
    found = rows(ledger, "SELECT unit_key, owner, `from`, `to` FROM v_owners ORDER BY unit_key")
    assert found == sorted([("c/C1", "p-12", 2, None), (ITEM, "p-12", 2, None)])


def test_a_replacement_stands_under_the_warranty_of_the_first_unit_it_stands_in_for(ledger: LedgerRows) -> None:
    for unit, sold in (("i/A", 1), ("i/B", None), ("i/C", None), ("i/D", 9)):
        ledger.a_unit(unit, "SOLD", sold_at=None if sold is None else day(sold))
    ledger.a_scan("i/A", "REPLACE", day(3), other_unit="i/B")
    ledger.a_scan("i/B", "REPLACE", day(5), other_unit="i/C")
    undone = ledger.a_scan("i/C", "REPLACE", day(7), other_unit="i/D")
    ledger.a_revision(undone, "i/C", "REJECTED", "RETRACTED")
    select = "SELECT unit_key, warranty_from, replaces, first_unit, links FROM v_warranties ORDER BY unit_key"
    assert rows(ledger, select) == [
        ("i/A", 1, None, None, 0),
        ("i/B", 1, "i/A", "i/A", 1),
        ("i/C", 1, "i/B", "i/A", 2),
        ("i/D", 9, None, None, 0),
    ]


def test_a_thing_that_was_relabelled_has_one_warranty_under_its_present_label(ledger: LedgerRows) -> None:
    ledger.a_unit("i/A", "SOLD", sold_at=day(1), alias_of="i/B")
    ledger.a_unit("i/B", "SOLD", sold_at=day(1))
    found = rows(ledger, "SELECT unit_key, warranty_from, own_sold_at FROM v_warranties")
    assert found == [("i/B", 1, 1)]


def test_a_warranty_is_handed_on_to_and_from_the_present_label_of_a_thing(ledger: LedgerRows) -> None:
    ledger.a_unit("i/A", "SOLD", sold_at=day(1), alias_of="i/A2")
    ledger.a_unit("i/A2", "RETIRED", sold_at=day(1))
    ledger.a_unit("i/B", "INSTALLED", alias_of="i/B2")
    ledger.a_unit("i/B2", "INSTALLED", alias_of="i/B3")
    ledger.a_unit("i/B3", "INSTALLED")
    ledger.a_scan("i/A", "REPLACE", day(3), other_unit="i/B")
    ledger.a_scan("i/B3", "REPLACE", day(5), other_unit="i/C")
    select = "SELECT unit_key, warranty_from, replaces, first_unit, links FROM v_warranties ORDER BY unit_key"
    assert rows(ledger, select) == [
        ("i/A2", 1, None, None, 0),
        ("i/B3", 1, "i/A2", "i/A2", 1),
        ("i/C", 1, "i/B3", "i/A2", 2),
    ]


def test_units_that_replace_each_other_in_a_circle_end_the_chain(ledger: LedgerRows) -> None:
    ledger.a_scan("i/A", "REPLACE", day(3), other_unit="i/B")
    ledger.a_scan("i/B", "REPLACE", day(4), other_unit="i/A")
    found = rows(ledger, "SELECT unit_key, replaces FROM v_warranties ORDER BY unit_key")
    assert found == [("i/A", "i/B"), ("i/B", "i/A")]
