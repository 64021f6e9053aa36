"""Units in each other over several partitions: whatever comes first, all come to rest where the oracle says."""

import os

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.domain.edge import Move, parse_move
from pipeline.domain.unit_state import TAIL
from pipeline.wire.unit_decode import decode_units
from tests.oracle.arrivals import Arrival, a_scan, a_site_load, arrived
from tests.oracle.choose import Chooser, Drawn, Seeded
from tests.oracle.group import group_of, members_of
from tests.oracle.group_histories import group_history
from tests.oracle.oracle import unit_key_of
from tests.oracle.reference import Reference
from tests.oracle.rules import MILESTONES
from tests.unit.several import Several

_IS_PLAIN = os.environ.get("NUMBA_DISABLE_JIT") == "1"
_TOLD = ("lifecycle", "state", "site", "custody", "last_event_time", *MILESTONES, "container", "parent", "members")


def a_reference() -> Reference:
    reference = Reference.built_in()
    assert not reference.load_sites(str(a_site_load().record["content"]))
    return reference


def rested(arrivals: list[Arrival], choose: Chooser, partitions: int) -> Several:
    """Returns partitions that all know the sites and have nothing left to say."""
    several = Several(partitions, choose)
    several.arrive([a_site_load()])
    several.settle()
    several.arrive(arrivals)
    several.settle()
    return several


def has_forgotten(several: Several) -> bool:
    """Returns whether any unit has more facts than it can remember: then it matters what came first."""
    kept = [value for ledger in several.ledgers for key, value in ledger.kept.items() if not key.startswith(b"\0")]
    units, _ = decode_units(list(kept), np.zeros(len(kept), np.int64))
    return bool(units.heads["has_base"].any() or (units.heads["facts"] >= TAIL).any())


def assert_at_rest_as_told(several: Several, arrivals: list[Arrival]) -> None:
    units = group_of(arrivals, a_reference())
    members = members_of(units)
    found = {key: {name: unit[name] for name in _TOLD} for key, unit in several.units().items()}
    for key, unit in units.items():
        if not unit.sequence and key not in members:
            continue
        told = unit.summary() | {"members": members.get(key, 0)}
        assert found[key] == {name: told[name] for name in _TOLD}, key
    assert {key: unit["members"] for key, unit in found.items() if unit["members"]} == members


@pytest.mark.parametrize("seed", range(10 if _IS_PLAIN else 60))
def test_units_come_to_rest_where_the_oracle_says_whatever_comes_first(seed: int) -> None:
    choose = Seeded(seed)
    arrivals = group_history(choose, choose.pick((10, 25, 40, 60)))
    several = rested(arrivals, choose, choose.pick((1, 2, 3, 5)))
    if not has_forgotten(several):
        assert_at_rest_as_told(several, arrivals)


@pytest.mark.slow
@pytest.mark.parametrize("hundred", range(100, 110))
def test_thousands_of_groups_come_to_rest_where_the_oracle_says(hundred: int) -> None:
    for seed in range(100 * hundred, 100 * hundred + 100):
        test_units_come_to_rest_where_the_oracle_says_whatever_comes_first(seed)


@st.composite
def groups(draw: st.DrawFn) -> tuple[list[Arrival], Chooser, int]:
    choose = Drawn(draw)
    return group_history(choose, draw(st.integers(1, 25))), choose, draw(st.integers(1, 3))


@settings(max_examples=5 if _IS_PLAIN else 40, suppress_health_check=list(HealthCheck))
@given(groups())
def test_any_group_comes_to_rest_where_the_oracle_says(group: tuple[list[Arrival], Chooser, int]) -> None:
    arrivals, choose, partitions = group
    several = rested(arrivals, choose, partitions)
    if not has_forgotten(several):
        assert_at_rest_as_told(several, arrivals)


@pytest.mark.parametrize("apart_ms", [0, 1])
@pytest.mark.parametrize("seed", range(2 if _IS_PLAIN else 20))
def test_units_come_to_rest_though_all_their_scans_are_of_one_time_or_nearly_so(seed: int, apart_ms: int) -> None:
    choose = Seeded(seed)
    rested(group_history(choose, 60, apart_ms=apart_ms), choose, 3)


@pytest.mark.parametrize("seed", range(1 if _IS_PLAIN else 10))
def test_units_come_to_rest_though_they_forget(seed: int) -> None:
    choose = Seeded(seed)
    several = rested(group_history(choose, 400), choose, 3)
    assert has_forgotten(several)


_PALLET, _CASE, _UNIT = "sscc:106141412345678908", "sscc:006141410000000012", "sku:ACME/PUMP/1"


def test_a_replace_ends_the_stay_of_the_old_part_and_the_new_one_is_in_by_its_own_install() -> None:
    new, machine = "sku:ACME/PUMP/2", "sku:ACME/MACHINE/1"
    made = [a_scan(key, "COMMISSION", at) for at, key in enumerate((machine, _UNIT, new))]
    installed = a_scan(_UNIT, "INSTALL", 5, other_unit=machine)
    replaced = a_scan(_UNIT, "REPLACE", 9, other_unit=new)
    several = rested([arrived(scan) for scan in (*made, installed)], Seeded(1), 3)
    told = []
    for scan in (replaced, a_scan(new, "INSTALL", 10, other_unit=machine)):
        several.arrive([arrived(scan)])
        several.settle()
        units = several.units()
        told.append([(units[key]["state"], units[key]["parent"]) for key in (_UNIT, new)])
    assert told == [
        [("RETIRED", None), ("COMMISSIONED", None)],
        [("RETIRED", None), ("INSTALLED", machine)],
    ]


def _transferred(attributes: list[dict[str, str]]) -> list[Arrival]:
    scans = [
        a_scan(_UNIT, "COMMISSION", 0),
        a_scan(_UNIT, "PACK", 1, container=_CASE),
        a_scan(_CASE, "PACK", 2, container=_PALLET),
        a_scan(_PALLET, "TRANSFER", 5, scan_id="sold on", site="munich", attributes=attributes),
    ]
    return [arrived(scan) for scan in scans]


def _derived_by_unit(several: Several, step: str) -> dict[str, list[dict[str, str]]]:
    verdicts = [one["scan"] for ledger in several.ledgers for one in ledger.written["verdicts"]]
    told = [scan for scan in verdicts if scan["origin"] == "DERIVED" and scan["step"] == step]
    return {unit_key_of(scan): scan["attributes"] for scan in told}


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("stated", "owner"),
    [
        ([("colour", "red"), ("owner", "p-12"), ("owner", "p-13")], "p-12"),
        ([("owning_party", "p-77"), ("owner", "")], "p-77"),
        ([("colour", "red")], None),
        ([], None),
    ],
)
def test_what_is_in_a_container_that_is_transferred_has_its_owner_to_any_depth(
    stated: list[tuple[str, str]], owner: str | None, seed: int
) -> None:
    arrivals = _transferred([{"name": name, "value": value} for name, value in stated])
    several = rested(arrivals, Seeded(seed), 3)
    told = [{"name": "owner", "value": owner}] if owner else []
    assert _derived_by_unit(several, "TRANSFER") == {_CASE: told, _UNIT: told}


def test_a_unit_that_is_packed_late_learns_of_the_owner_and_a_transfer_taken_back_names_none() -> None:
    made, packed, stacked, transferred = _transferred([{"name": "owner", "value": "p-12"}])
    several = rested([stacked, transferred], Seeded(1), 2)
    several.arrive([made, packed])
    several.settle()
    assert _derived_by_unit(several, "TRANSFER")[_UNIT] == [{"name": "owner", "value": "p-12"}]
    several.arrive([arrived(a_scan(_PALLET, "VOID", 9, scan_id="void", corrects="sold on"))])
    several.settle()
    assert _derived_by_unit(several, "VOID") == {_CASE: [], _UNIT: []}


def test_a_move_that_was_kept_before_moves_had_owners_is_read_and_one_with_an_owner_comes_back() -> None:
    kept = (
        '{"fact": "-5", "root": "7", "depth": 0, "step": "TRANSFER", "event_time": 1, "capture_time": 2, "site": "s"}'
    )
    old = parse_move(kept)
    assert (old.owner, "owner" in old.to_json()) == (None, False)
    new = Move(-5, 7, 0, "TRANSFER", 1, 2, "s", owner="p-12")
    assert Move.of_json(new.to_json()) == new
