"""Stays of random moves, compared with plain Python; by one thread and by two."""

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
