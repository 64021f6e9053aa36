"""What a bad part ended up in, compared with a search of time points one by one."""

from itertools import pairwise
from time import process_time
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics import genealogy, together
from analytics.genealogy import BEGINNING, FOREVER, WHOLE_LIFE, Edges, Genealogy, Held, by_unit, end_left, whole_life

Interval = tuple[int, int, int]
Edge = tuple[int, int, int, int]
TIMES = range(7)
UNITS = range(7)
ALL = len(UNITS)


def held(*rows: Interval) -> Held:
    unit, start, end = zip(*rows, strict=True) if rows else ((), (), ())
    return Held(np.array(unit, np.int32), np.array(start, np.int64), np.array(end, np.int64))


def edges(*rows: Edge) -> Edges:
    component, product, start, end = zip(*rows, strict=True) if rows else ((), (), (), ())
    return Edges(
        np.array(component, np.int32), np.array(product, np.int32), np.array(start, np.int64), np.array(end, np.int64)
    )


def reached(seeds: Held, edges: Edges, bad: tuple[int, int] = WHOLE_LIFE) -> Held:
    return Genealogy(edges, ALL).reached(seeds, bad)


def in_turn(found: Held) -> list[Interval]:
    return list(zip(found.unit.tolist(), found.start.tolist(), found.end.tolist(), strict=True))


def rows(found: Held) -> list[Interval]:
    return sorted(in_turn(found))


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
    assert sorted(zip(in_turn(found), found.now().tolist(), strict=True))[1:] == [
        ((2, 10, 20), False),
        ((2, 30, FOREVER), True),
    ]


def test_a_product_counts_only_if_the_part_was_in_it_when_it_was_bad_and_then_holds_it_as_long_as_it_is_in_it() -> None:
    links = edges((1, 2, 10, FOREVER), (1, 3, 0, 5), (2, 4, 30, FOREVER))
    assert rows(reached(whole_life(np.array([1], np.int32)), links, bad=(5, 20))) == [
        (1, BEGINNING, FOREVER),
        (2, 10, FOREVER),
    ]


def test_a_cycle_of_edges_ends() -> None:
    found = reached(held((1, 0, 5)), edges((1, 2, 0, FOREVER), (2, 1, 0, FOREVER)))
    assert rows(found) == [(1, 0, 5), (2, 0, 5)]


def test_no_seeds_reach_nothing() -> None:
    assert rows(reached(held(), edges((1, 2, 0, 9)))) == []


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


@given(st.lists(interval), st.lists(edge), st.sampled_from([1, 2, 9]))
def test_two_threads_find_what_one_finds(seeds: list[Interval], links: list[Edge], blocks: int) -> None:
    kept = held(*[row for row in seeds if row[1] < row[2]])
    one = reached(kept, edges(*links))
    with patch.object(together, "_LARGE", 1), patch.object(genealogy, "_MOST_BLOCK_BITS", blocks):
        two = reached(kept, edges(*links))
    assert rows(one) == rows(two)
    firsts, counts = by_unit(two)
    alike = [set(two.unit[first : first + many].tolist()) for first, many in zip(firsts, counts, strict=True)]
    assert [len(units) for units in alike] == [1] * len(set(two.unit.tolist()))
    assert int(counts.sum()) == len(two.unit)


@given(st.lists(interval), st.lists(edge))
def test_intervals_of_a_unit_stand_together_in_order_and_do_not_touch(seeds: list[Interval], links: list[Edge]) -> None:
    found = in_turn(reached(held(*[row for row in seeds if row[1] < row[2]]), edges(*links)))
    ended: set[int] = set()
    for (unit, _, end), (after, start, _) in pairwise(found):
        ended |= {unit} if unit != after else set()
        assert after not in ended
        assert unit != after or end < start


@given(st.lists(interval, max_size=4), st.lists(edge), st.sampled_from([(a, b) for a in TIMES for b in TIMES if a < b]))
def test_a_bad_time_keeps_the_chains_that_held_then(
    seeds: list[Interval], links: list[Edge], bad: tuple[int, int]
) -> None:
    kept = [row for row in seeds if row[1] < row[2]]
    assert moments(reached(held(*kept), edges(*links), bad)) == by_chains(kept, links, bad)


def by_chains(seeds: list[Interval], links: list[Edge], bad: tuple[int, int]) -> set[tuple[int, int]]:
    """Returns what units held, chain by chain: each interval carried on by itself, kept if it meets the bad time."""
    waiting = {row for row in seeds if max(row[1], bad[0]) < min(row[2], bad[1])}
    seen: set[Interval] = set()
    while waiting:
        seen |= waiting
        onward = {(p, max(s, a), min(e, b)) for unit, s, e in waiting for c, p, a, b in links if c == unit}
        waiting = {row for row in onward if max(row[1], bad[0]) < min(row[2], bad[1])} - seen
    return {(unit, t) for unit, start, end in seen for t in range(start, end)}


@given(st.lists(st.tuples(st.sampled_from(UNITS), st.sampled_from(UNITS), st.booleans()), max_size=8))
def test_a_unit_is_where_the_outermost_unit_is_that_it_is_in_now(links: list[tuple[int, int, bool]]) -> None:
    parts = {part: (part, product, 0, FOREVER if is_in else 5) for part, product, is_in in links if part < product}
    now = {part: product for part, product, _, end in parts.values() if end == FOREVER}
    asked = Genealogy(edges(*parts.values()), ALL)
    with patch.object(together, "_LARGE", 1), patch.object(genealogy, "_AT_ONCE", 1):
        found = asked.outermost(np.array([*UNITS, *UNITS], np.int32))
    for row, unit in enumerate([*UNITS, *UNITS]):
        top = unit
        while top in now:
            top = now[top]
        assert found[row] == top


def test_where_something_was_made_of_a_unit_that_is_not_where_the_unit_is() -> None:
    asked = Genealogy(edges((1, 2, 10, FOREVER), (1, 3, 10, FOREVER)), ALL, parts=1)
    assert asked.outermost(np.array([1], np.int32)).tolist() == [2]
    assert Genealogy(edges((1, 3, 10, FOREVER)), ALL, parts=0).outermost(np.array([1], np.int32)).tolist() == [1]


def test_a_unit_that_was_built_into_another_of_its_labels_is_where_the_other_open_edge_leads() -> None:
    asked = Genealogy(edges((1, 2, 10, FOREVER), (1, 1, 20, FOREVER)), ALL)
    assert asked.outermost(np.array([1], np.int32)).tolist() == [2]


@pytest.mark.parametrize("is_open", [True, False])
def test_a_product_that_ever_so_many_parts_passed_through_takes_no_more_time_for_each(is_open: bool) -> None:
    """Those that hold still come in the order from the latest on, the others one after the other."""
    parts = 60_000
    part, product = np.arange(1, parts + 1, dtype=np.int32), np.zeros(parts, np.int32)
    start = np.arange(parts, dtype=np.int64)[:: -1 if is_open else 1] * 10
    end = np.full(parts, FOREVER, np.int64) if is_open else start + 5
    asked = Genealogy(Edges(part, product, start, end), parts + 1)
    asked.reached(whole_life(part[:2]))  # compiled
    begun = process_time()
    found = asked.reached(whole_life(part))
    assert process_time() - begun < 5
    own = found.only(found.unit == 0)
    expected = [0] if is_open else start.tolist()
    assert (own.start.tolist(), len(found.unit)) == (expected, parts + len(expected))


def test_units_in_a_ring_are_where_the_first_of_them_is() -> None:
    asked = Genealogy(edges((1, 2, 10, FOREVER), (2, 1, 10, FOREVER), (3, 3, 10, FOREVER)), ALL)
    for units in ([1, 2, 3], [2, 1, 3], [2], [1]):
        assert asked.outermost(np.array(units, np.int32)).tolist() == [3 if unit == 3 else 1 for unit in units]


def test_what_is_in_units_that_go_round_is_where_the_first_of_them_is_whatever_is_asked_first() -> None:
    asked = Genealogy(edges((5, 4, 0, FOREVER), (4, 3, 0, FOREVER), (3, 2, 0, FOREVER), (2, 4, 0, FOREVER)), ALL)
    for units in ([5], [5, 4, 3, 2], [2, 3, 4, 5], [3, 5]):
        assert asked.outermost(np.array(units, np.int32)).tolist() == [2] * len(units)


def test_a_chain_of_a_thousand_units_ends_at_its_last() -> None:
    part = np.arange(1_000, dtype=np.int32)
    none, now = np.zeros(1_000, np.int64), np.full(1_000, FOREVER, np.int64)
    asked = Genealogy(Edges(part, part + 1, none, now), 1_001)
    assert asked.outermost(np.array([500, 0], np.int32)).tolist() == [1_000, 1_000]
    assert len(asked.reached(whole_life(part[:1])).unit) == 1_001


def test_a_part_that_is_part_of_nothing_any_more_left_when_it_was_seen_last() -> None:
    links = edges((1, 2, 10, FOREVER), (2, 3, 10, 20), (3, 4, 10, FOREVER), (5, 6, 10, FOREVER), (1, 6, 10, FOREVER))
    is_part = np.array([False, False, False, True, False])  # nothing is known of 5
    end_left(links, 4, is_part, np.array([50, 60, 70, 80, 90]))
    assert links.end.tolist() == [60, 20, FOREVER, FOREVER, FOREVER]  # the last edge is no part's
