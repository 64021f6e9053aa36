"""States in the order in which a life goes through them: as declared, unless lines get shorter or fewer go back.

Flow: states as declared, edges between them -> an order, the same for the same lifecycle.
"""

from collections.abc import Collection, Sequence
from itertools import combinations
from typing import Final

Edge = tuple[str, str]

_BACK: Final = 2
"""So many times as much as a line forward counts one of the same length back."""
_TURNED: Final = 6
"""Two states that stand the other way round than they are declared count as a line of this length."""
_UNLED: Final = 100
"""So does a state that nothing above leads to: nobody would understand how a life gets there."""


def in_order_of_life(first: str, states: Sequence[str], edges: Collection[Edge]) -> list[str]:
    """Return the states so that no state moved to another place makes it better.

    Args:
        first: the state that all lives begin with, which is above the others and not among them.
        states: the others, as declared.
        edges: from state to state.
    """
    declared = [first, *states]
    order, best = list(states), _cost(declared, declared, edges)
    while True:
        tried = [(_cost([first, *moved], declared, edges), at, moved) for at, moved in enumerate(_moves(order))]
        cost, _, moved = min(tried, default=(best, 0, order))
        if cost >= best:
            return order
        order, best = moved, cost


def _moves(order: Sequence[str]) -> list[list[str]]:
    moves = []
    for begin, state in enumerate(order):
        others = [*order[:begin], *order[begin + 1 :]]
        moves += [[*others[:end], state, *others[end:]] for end in range(len(order)) if end != begin]
    return moves


def _cost(order: Sequence[str], declared: Sequence[str], edges: Collection[Edge]) -> int:
    place = {state: at for at, state in enumerate(order)}
    lengths = [(to, place[to] - place[source]) for source, to in edges if source in place and to in place]
    unled = len(order) - len({to for to, length in lengths if length > 0})
    turned = sum(place[earlier] > place[later] for earlier, later in combinations(declared, 2))
    ways = sum(length if length > 0 else -_BACK * length for _, length in lengths)
    return ways + _TURNED * turned + _UNLED * unled
