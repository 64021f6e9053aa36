"""Stays of random moves, compared with plain Python; by one thread and by two."""

from time import process_time
from unittest.mock import patch

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from analytics import together
from analytics.genealogy import FOREVER
from analytics.stays import RANKS, Moves, stays
from analytics.unit_rows import NO_ROW

UNITS = 5
Move = tuple[int, int, int]
move = st.tuples(st.integers(0, UNITS - 1), st.integers(NO_ROW, UNITS - 1), st.integers(-9, 9))


def expected(moves: list[Move]) -> list[tuple[int, int, int, int]]:
    made = []
    for unit in range(UNITS):
        was_in, since = NO_ROW, 0
        for _, is_in, at in sorted((m for m in moves if m[0] == unit), key=lambda m: m[2]):
            if is_in != was_in:
                made += [(unit, was_in, since, at // RANKS)] if was_in != NO_ROW else []
                was_in, since = is_in, at // RANKS
        made += [(unit, was_in, since, FOREVER)] if was_in != NO_ROW else []
    return made


@given(st.lists(move, max_size=14), st.sampled_from([1, 1 << 18]))
def test_a_part_is_in_what_it_moved_to_last(moves: list[Move], large: int) -> None:
    unit, is_in, at = np.array(moves, np.int64).reshape(-1, 3).T
    ordinals = np.arange(len(moves), dtype=np.uint64)
    with patch.object(together, "_LARGE", large):
        found = stays(Moves(unit.astype(np.int32), is_in.astype(np.int32), at, ordinals), UNITS)
    assert list(zip(*(column.tolist() for column in found), strict=True)) == expected(moves)


def test_a_part_that_moved_ever_so_often_takes_no_more_time_for_each_move() -> None:
    many = 100_000
    at = np.arange(many, dtype=np.int64) * RANKS
    is_in = np.where(np.arange(many) % 2 == 0, 1, NO_ROW).astype(np.int32)
    moves = Moves(np.zeros(many, np.int32), is_in, at, np.arange(many, dtype=np.uint64))
    few = Moves(moves.unit[:2], moves.is_in[:2], moves.at[:2], moves.ordinal[:2])
    stays(few, UNITS)  # compiled
    begun = process_time()
    found = stays(moves, UNITS)
    assert process_time() - begun < 2
    assert found.start.tolist() == list(range(0, many, 2))
