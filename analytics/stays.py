"""When which part was in which product: the moves of parts as edges. The same as the view `v_assemblies`, in columns.

Flow: applied INSTALL, REMOVE, REPLACE … of units in any order -> stays, each [from, to).

Compiled; all of it in this file, for the compiler notices changes of the file alone.
"""

from typing import Any, Final, NamedTuple

import numpy as np

from analytics.genealogy import FOREVER, Edges, Ids, Rows, Times
from pipeline.domain.compiled import compiled
from pipeline.domain.inlined import inlined

RANKS: Final = 4
"""Moves of one time have an order: a move's `at` is its time in milliseconds, times RANKS, and its place in that."""

_NONE: Final = -1
_UNIT: Final = np.dtype([("id", "u8"), ("move", "i4")])


class Moves(NamedTuple):
    """Where units went: `is_in` is 0 where a unit left what it was in. Shape: one row per move, in any order."""

    unit: Ids
    is_in: Ids
    at: Times
    ordinal: Ids


def stays(moves: Moves) -> Edges:
    """Return the stays that moves make; one that nothing ended goes on for ever."""
    bits = max(4, int(1.4 * len(moves.unit) + 1).bit_length())
    units, following = np.zeros(1 << bits, _UNIT), np.empty(len(moves.unit), np.int32)
    _chain(moves.unit, following, units, np.uint64(64 - bits))
    return Edges(*_stays(moves, following, units))


@inlined
def _chain(ids: Ids, following: Any, units: Rows, shift: Any) -> None:  # noqa: ANN401  numbers and arrays of numpy's
    """Chain the moves of each unit; see `analytics/genealogy.py` for the table."""
    mask = len(units) - 1
    for move in range(len(ids)):
        slot = np.int64(ids[move] >> shift)
        while units[slot]["id"] != 0 and units[slot]["id"] != ids[move]:
            slot = (slot + 1) & mask
        unit = units[slot]
        following[move] = unit["move"] if unit["id"] != 0 else _NONE
        unit["id"], unit["move"] = ids[move], move


@inlined
def _in_turn(moves: Moves, following: Any, first: int, order: Times) -> int:  # noqa: ANN401
    """Put a unit's moves in order, into the beginning of `order`; return how many there are."""
    many, move = 0, np.int64(first)
    while move != _NONE:
        at, ordinal, into = moves.at[move], moves.ordinal[move], many
        while into > 0 and (
            moves.at[order[into - 1]] > at
            or (moves.at[order[into - 1]] == at and moves.ordinal[order[into - 1]] > ordinal)
        ):
            order[into] = order[into - 1]
            into -= 1
        order[into] = move
        many, move = many + 1, np.int64(following[move])
    return many


@compiled
def _stays(moves: Moves, following: Any, units: Rows) -> tuple[Ids, Ids, Times, Times]:  # noqa: ANN401
    """Return the stays: a move to where the unit is already changes nothing."""
    count, room = 0, len(moves.unit)
    component, product = np.empty(room, np.uint64), np.empty(room, np.uint64)
    start, end, order = np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room, np.int64)
    for slot in range(len(units)):
        if units[slot]["id"] == 0:
            continue
        was_in = np.uint64(0)
        for place in range(_in_turn(moves, following, units[slot]["move"], order)):
            move = order[place]
            at, is_in = moves.at[move] // RANKS, moves.is_in[move]
            if is_in == was_in:
                continue
            if was_in != 0:
                end[count - 1] = at
            if is_in != 0:
                component[count], product[count], start[count], end[count] = units[slot]["id"], is_in, at, FOREVER
                count += 1
            was_in = is_in
    return component[:count], product[:count], start[:count], end[:count]
