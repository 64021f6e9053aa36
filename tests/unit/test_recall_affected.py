"""What a recall concerns over random genealogies, compared with the oracle; places that sum to the total."""

from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from analytics.genealogy import BEGINNING, FOREVER, Edges
from analytics.recall.affected import Affected, affected
from analytics.recall.asked import Asked, Predicate
from analytics.recall.columns import Known, Ledger
from analytics.recall.labels import Labels
from analytics.recall.places import split
from analytics.unit_rows import UnitRows
from tests.oracle import recalled as oracle
from tests.oracle.recalled import Stay

UNITS = [str(number) for number in range(1, 9)]
TIMES = range(8)
FITS_ALL = 16 + 32 + 64 + 128 + 256 + 512
SPREAD = 1 << 60
"""Ids are hashes: their highest bits are spread."""

unit = st.sampled_from(UNITS)
stay = st.builds(Stay, unit, unit, st.sampled_from(TIMES), st.sampled_from([*TIMES, oracle.FOREVER]))
stays = st.lists(stay.filter(lambda one: one.part != one.product and one.start < one.end), max_size=12)
labels = st.dictionaries(unit, unit, max_size=3).map(
    lambda told: {one: other for one, other in told.items() if one != other}
)
bad_times = st.sampled_from([(a, b) for a in [oracle.BEGINNING, *TIMES] for b in [*TIMES, oracle.FOREVER] if a < b])


def identity(name: str) -> int:
    return int(name) * SPREAD + int(name)


def a_ledger(edges: list[Stay], retired: dict[str, str], fitting: set[str]) -> Ledger:
    def ids(names: list[str]) -> "np.ndarray[tuple[int], np.dtype[np.uint64]]":
        return np.array([identity(name) for name in names], np.uint64)

    made_of = Labels(ids(list(retired)), ids(list(retired.values())))
    times = [np.array([getattr(edge, name) for edge in edges], np.int64) for name in ("start", "end")]
    times[1][times[1] == oracle.FOREVER] = FOREVER
    units = UnitRows(ids(UNITS))
    ends = [made_of.rows(units, units.of(ids([getattr(edge, name) for edge in edges]))) for name in ("part", "product")]
    said = np.array([8 + FITS_ALL * (name in fitting) + int(name) % 6 for name in UNITS], np.uint16)
    nothing = np.zeros(len(UNITS), np.int64)
    sites = np.array([int(name) % 3 for name in UNITS], np.uint64)
    known = Known(ids(UNITS), said, sites, nothing)
    made = Edges(ends[0], ends[1], times[0], times[1])
    return Ledger(known, units, made, len(edges), made_of, np.empty(0, np.int32))


def when(time: int) -> datetime | None:
    return None if abs(time) == oracle.FOREVER else datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=time)


def told(found: Affected) -> dict[str, list[tuple[int, int]]]:
    ends = {BEGINNING: oracle.BEGINNING, FOREVER: oracle.FOREVER}
    return {
        str(int(one) // SPREAD): [(ends.get(a, a), ends.get(b, b)) for a, b in found.intervals(row)]
        for row, one in enumerate(found.unit)
    }


@given(st.sets(unit, max_size=3), stays, labels, bad_times, st.booleans())
def test_what_is_affected_and_when_it_held_is_what_the_oracle_finds(
    seeds: set[str], edges: list[Stay], retired: dict[str, str], bad: tuple[int, int], with_down: bool
) -> None:
    asked = Asked(predicate=Predicate(lots=("L",)), bad_from=when(bad[0]), bad_to=when(bad[1]), with_down=with_down)
    found = affected(a_ledger(edges, retired, seeds), asked)
    expected = oracle.recalled(seeds, edges, retired, bad, with_down=with_down)
    assert told(found) == expected
    now = {unit for unit, times in expected.items() if times[-1][1] == oracle.FOREVER}
    assert {str(int(one) // SPREAD) for one in found.unit[found.holds_now]} == now
    only = affected(a_ledger(edges, retired, seeds), asked.model_copy(update={"current_only": True}))
    assert told(only) == {unit: expected[unit] for unit in now}


@given(st.sets(unit, min_size=1), stays, labels)
def test_every_affected_unit_is_in_one_place_and_the_parts_sum_to_the_total(
    seeds: set[str], edges: list[Stay], retired: dict[str, str]
) -> None:
    found = affected(a_ledger(edges, retired, seeds), Asked(predicate=Predicate(lots=("L",))))
    parts = split(found, {0: "a", 1: "b", 2: "c"})
    assert sum(part.units for part in parts) == len(found.unit) == len(set(found.unit.tolist()))
    assert sum(part.holds_now for part in parts) == int(found.holds_now.sum())
    assert all(part.holds_now + part.held_before == part.units for part in parts)
    assert len({(part.place, part.site) for part in parts}) == len(parts)


def test_units_to_be_placed_besides_have_no_interval() -> None:
    also = np.array([identity("5"), identity("2")], np.uint64)
    found = affected(
        a_ledger([Stay("1", "2", 0, oracle.FOREVER)], {}, {"1"}), Asked(predicate=Predicate(lots=("L",))), also
    )
    assert told(found) == {"1": [(oracle.BEGINNING, oracle.FOREVER)], "2": [(0, oracle.FOREVER)], "5": []}
