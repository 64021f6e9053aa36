"""Compiled work on large arrays shared by two threads: it lets go of the interpreter.

Flow: a count -> shares of rows, [first, last) -> what each share came to, in their order.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt

Share = tuple[int, int]
S = TypeVar("S")
T = TypeVar("T")
N = TypeVar("N", bound=np.generic)

_LARGE: Final = 1 << 18
"""From so many rows on they are shared."""


def halves(count: int) -> list[Share]:
    """Return the shares of so many rows."""
    return [(0, count // 2), (count // 2, count)] if count >= _LARGE else [(0, count)]


def turns(count: int) -> list[Share]:
    """Return whose turn it is: each takes the first of so many things, the next, … as (turn, turns)."""
    threads = len(halves(count))
    return [(turn, threads) for turn in range(threads)]


def together(work: Callable[[S], T], shares: list[S]) -> list[T]:
    """Do the work of all shares at a time."""
    if len(shares) == 1:
        return [work(shares[0])]
    with ThreadPoolExecutor(len(shares)) as pool:
        return list(pool.map(work, shares))


def closed_up(column: npt.NDArray[N], parts: list[Share]) -> npt.NDArray[N]:
    """Return the parts of a column, each so many rows from its first one on, without what lies between them."""
    used = 0
    for first, count in parts:
        if first != used:
            column[used : used + count] = column[first : first + count]
        used += count
    return column[:used]
