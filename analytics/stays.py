"""When which part was in which product: the moves of parts as edges. The same as the view `v_assemblies`, in columns.

Flow: applied INSTALL, REMOVE, REPLACE … of units in any order -> stays, each [from, to), those of each unit together.

Units are rows (`analytics/unit_rows.py`). Compiled; all of it in this file, for the compiler notices changes of the
file alone.
"""

from typing import Final, NamedTuple

import numpy as np

from analytics.genealogy import FOREVER, Edges, Times
from analytics.together import Share, closed_up, halves, together
from analytics.unit_rows import NO_ROW, Ids, Rows
from pipeline.domain.compiled import compiled
from pipeline.domain.inlined import inlined

RANKS: Final = 4
"""Moves of one time have an order: a move's `at` is its time in milliseconds, times RANKS, and its place in that."""

_NONE: Final = -1


class Moves(NamedTuple):
    """Where units went: `is_in` is NO_ROW where a unit left what it was in. Shape: one row per move, in any order."""

    unit: Rows
    is_in: Rows
    at: Times
    ordinal: Ids


def stays(moves: Moves, units: int) -> Edges:
    """Return the stays that the moves of so many units make; one that nothing ended goes on for ever."""
    latest, following = np.full(units, _NONE, np.int32), np.empty(len(moves.unit), np.int32)
    _chain(moves.unit, following, latest)
    room = len(moves.unit)
    made = Edges(np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room, np.int64), np.empty(room, np.int64))
    shares = halves(units)
    begins = [int(np.count_nonzero(moves.unit < first)) for first, _ in shares]
    work = list(zip(shares, begins, strict=True))
    counts = together(lambda one: _stays(moves, following, latest, one[0], one[1], made), work)
    parts = list(zip(begins, counts, strict=True))
    ends = closed_up(made.component, parts), closed_up(made.product, parts)
    return Edges(*ends, closed_up(made.start, parts), closed_up(made.end, parts))


@inlined
def _chain(units: Rows, following: Rows, latest: Rows) -> None:
    """Chain the moves of each unit."""
    for move in range(len(units)):
        following[move] = latest[units[move]]
        latest[units[move]] = move


@inlined
def _in_turn(moves: Moves, following: Rows, first: int, order: Times) -> int:
    """Put a unit's moves in order, the last first, into the beginning of `order`; return how many there are.

    The chain begins with the one that came last: moves that come in order are at their place at once.
    """
    many, move = 0, np.int64(first)
    while move != _NONE:
        at, ordinal, into = moves.at[move], moves.ordinal[move], many
        while into > 0 and (
            moves.at[order[into - 1]] < at
            or (moves.at[order[into - 1]] == at and moves.ordinal[order[into - 1]] < ordinal)
        ):
            order[into] = order[into - 1]
            into -= 1
        order[into] = move
        many, move = many + 1, np.int64(following[move])
    return many


@compiled
def _stays(moves: Moves, following: Rows, latest: Rows, share: Share, first: int, made: Edges) -> int:
    """Write the stays of some units from a row on, return how many; a move to where the unit is changes nothing."""
    count, order = first, np.empty(len(following), np.int64)
    for unit in range(share[0], share[1]):
        was_in = np.int64(NO_ROW)
        for place in range(_in_turn(moves, following, latest[unit], order) - 1, -1, -1):
            move = order[place]
            at, is_in = moves.at[move] // RANKS, np.int64(moves.is_in[move])
            if is_in == was_in:
                continue
            if was_in != NO_ROW:
                made.end[count - 1] = at
            if is_in != NO_ROW:
                made.component[count], made.product[count] = unit, is_in
                made.start[count], made.end[count] = at, FOREVER
                count += 1
            was_in = is_in
    return count - first
