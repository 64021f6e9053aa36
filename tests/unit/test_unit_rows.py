"""The rows of units, compared with a dictionary; ids that crowd together, two threads, units named later."""

from unittest.mock import patch

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from analytics import together, unit_rows
from analytics.unit_rows import NO_ROW, Ids, UnitRows, among, distinct, taken

SPREAD = 1 << 61
"""Ids are hashes, but nothing keeps them from having their highest bits in common: some here do."""
ids = st.lists(st.sampled_from([0, 1, 2, 3, SPREAD, SPREAD + 1, 3 * SPREAD, (1 << 64) - 1]), max_size=12)


def array(values: list[int]) -> Ids:
    return np.array(values, np.uint64)


def expected(rows: dict[int, int], asked: list[int]) -> list[int]:
    return [rows.get(one, NO_ROW) for one in asked]


@given(ids, ids, ids, st.booleans(), st.sampled_from([1, 1 << 18]), st.sampled_from([1, 16]))
def test_rows_are_those_of_a_dictionary(
    known: list[int], more: list[int], asked: list[int], in_order: bool, large: int, following: int
) -> None:
    with patch.object(together, "_LARGE", large), patch.object(unit_rows, "_NEXT", following):
        units = UnitRows(array(known))
        rows = {one: known.index(one) for one in known if one}
        assert units.of(array(asked), in_order=in_order).tolist() == expected(rows, asked)
        new = sorted(set(more) - set(known) - {0})
        rows |= {one: len(known) + place for place, one in enumerate(new)}
        assert units.named(array(more), in_order=in_order).tolist() == expected(rows, more)
        assert len(units) == len(known) + len(new)
        assert units.of(array(asked), in_order=in_order).tolist() == expected(rows, asked)
        assert all(units.ids[row] == one for one, row in rows.items())


def test_many_rows_are_found_in_any_order() -> None:
    chance = np.random.default_rng(5)
    known = chance.integers(1, 1 << 63, 300_000, np.uint64) * np.uint64(2)
    units, order = UnitRows(known), chance.permutation(len(known)).astype(np.int32)
    assert (units.of(known, in_order=True) == np.arange(len(known))).all()
    for in_order in (False, True):
        assert (units.of(known[order], in_order=in_order) == order).all()
        assert (units.of(known[::7], in_order=in_order) == np.arange(len(known))[::7]).all()
        assert (units.of(known + np.uint64(1), in_order=in_order) == NO_ROW).all()


def test_rows_choose_values() -> None:
    rows = np.array([2, NO_ROW, 0, 2], np.int32)
    assert taken(np.array([5, 6, 7], np.int64), rows, np.int64(9)).tolist() == [7, 9, 5, 7]
    assert distinct(np.array([4, 1, 4], np.int32), 6).tolist() == [1, 4]
    assert among(np.array([4, 1, 3], np.int32), np.array([3, 4, 4], np.int32), 6).tolist() == [True, False, True]
