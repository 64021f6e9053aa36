"""What a bad part ended up in, compared with a search of time points one by one."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from analytics.genealogy import FOREVER, Edges, Held, reached

Interval = tuple[int, int, int]
Edge = tuple[int, int, int, int]


def held(*rows: Interval) -> Held:
    unit, start, end = zip(*rows, strict=True) if rows else ((), (), ())
    return Held(np.array(unit, np.uint64), np.array(start, np.int64), np.array(end, np.int64))


def edges(*rows: Edge) -> Edges:
    component, product, start, end = zip(*rows, strict=True) if rows else ((), (), (), ())
    return Edges(
        np.array(component, np.uint64), np.array(product, np.uint64), np.array(start, np.int64), np.array(end, np.int64)
    )


def rows(found: Held) -> list[Interval]:
    return list(zip(found.unit.tolist(), found.start.tolist(), found.end.tolist(), strict=True))


def test_a_bad_part_reaches_what_it_was_built_into_while_it_was_in_it() -> None:
    found = reached(held((1, 0, FOREVER)), edges((1, 2, 10, 20), (2, 3, 15, FOREVER), (4, 5, 0, FOREVER)))
    assert rows(found) == [(1, 0, FOREVER), (2, 10, 20), (3, 15, 20)]


def test_a_product_that_got_the_part_after_its_bad_time_is_not_reached() -> None:
    assert rows(reached(held((1, 0, 10)), edges((1, 2, 10, 20)))) == [(1, 0, 10)]


def test_a_part_removed_before_its_product_was_built_in_further_reaches_no_further() -> None:
    found = reached(held((1, 0, FOREVER)), edges((1, 2, 10, 20), (2, 3, 20, FOREVER)))
    assert rows(found) == [(1, 0, FOREVER), (2, 10, 20)]


def test_a_part_removed_and_installed_again_has_two_intervals() -> None:
    found = reached(held((1, 0, FOREVER)), edges((1, 2, 10, 20), (1, 2, 30, FOREVER)))
    assert rows(found)[1:] == [(2, 10, 20), (2, 30, FOREVER)]
    assert found.now().tolist() == [True, False, True]


def test_a_cycle_of_edges_ends() -> None:
    found = reached(held((1, 0, 5)), edges((1, 2, 0, FOREVER), (2, 1, 0, FOREVER)))
    assert rows(found) == [(1, 0, 5), (2, 0, 5)]


def test_no_seeds_reach_nothing() -> None:
    assert rows(reached(held(), edges((1, 2, 0, 9)))) == []


TIMES = range(7)
UNITS = range(1, 7)  # 0 is no id
interval = st.tuples(st.sampled_from(UNITS), st.sampled_from(TIMES), st.sampled_from(TIMES))
edge = st.tuples(st.sampled_from(UNITS), st.sampled_from(UNITS), st.sampled_from(TIMES), st.sampled_from(TIMES))


def moments(found: Held) -> set[tuple[int, int]]:
    return {(unit, t) for unit, start, end in rows(found) for t in range(start, end)}


def by_moments(seeds: list[Interval], links: list[Edge]) -> set[tuple[int, int]]:
    """Returns each unit and moment at which it held something bad, moment by moment."""
    bad = {(unit, t) for unit, start, end in seeds for t in range(start, end)}
    while True:
        more = {(p, t) for c, p, start, end in links for t in range(start, end) if (c, t) in bad} - bad
        if not more:
            return bad
        bad |= more


@given(st.lists(interval), st.lists(edge))
def test_holding_is_what_a_search_moment_by_moment_finds(seeds: list[Interval], links: list[Edge]) -> None:
    kept = [row for row in seeds if row[1] < row[2]]
    assert moments(reached(held(*kept), edges(*links))) == by_moments(kept, links)


@given(st.lists(interval), st.lists(edge))
def test_intervals_are_ordered_disjoint_and_do_not_touch(seeds: list[Interval], links: list[Edge]) -> None:
    found = reached(held(*[row for row in seeds if row[1] < row[2]]), edges(*links))
    for (unit, _, end), (after, start, _) in pairwise(rows(found)):
        assert unit < after or (unit == after and end < start)
