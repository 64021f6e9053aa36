"""Spans of time as (from, to) without the end, sorted, apart from each other: when a unit was in another.

added([(1, 5)], [(5, FOREVER)])       # [(1, FOREVER)]
without([(1, FOREVER)], [(3, 4)])     # [(1, 3), (4, FOREVER)]
"""

from collections.abc import Iterable, Sequence
from typing import Final

Span = tuple[int, int]
FOREVER: Final = 1 << 62
"""The end of what has not ended; later than any time a scan can state."""


def added(spans: Iterable[Span], more: Iterable[Span]) -> list[Span]:
    """Return what lies in either."""
    found: list[Span] = []
    for begin, end in sorted([*spans, *more]):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        elif begin < end:
            found.append((begin, end))
    return found


def without(spans: Iterable[Span], less: Iterable[Span]) -> list[Span]:
    """Return what lies in the first and not in the second."""
    left = added(spans, ())
    for begin, end in less:
        if begin < end:
            left = [part for one in left for part in ((one[0], min(one[1], begin)), (max(one[0], end), one[1]))]
            left = [part for part in left if part[0] < part[1]]
    return left


def covers(spans: Sequence[Span], time: int) -> bool:
    """Whether a time lies in one of them."""
    return any(begin <= time < end for begin, end in spans)
