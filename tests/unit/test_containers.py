"""Units in each other over several partitions: whatever comes first, all come to rest where the oracle says."""

import os

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.domain.unit_state import TAIL
from pipeline.wire.unit_decode import decode_units
from tests.oracle.arrivals import Arrival, a_site_load
from tests.oracle.choose import Chooser, Drawn, Seeded
from tests.oracle.group import group_of, members_of
from tests.oracle.group_histories import group_history
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
@pytest.mark.parametrize("seed", range(10_000, 11_000))
def test_thousands_of_groups_come_to_rest_where_the_oracle_says(seed: int) -> None:
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
