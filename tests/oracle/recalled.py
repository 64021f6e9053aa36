"""What a recall concerns, once more in plain Python: from the words of docs/recall.md, over dictionaries."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

FOREVER = 1 << 40
BEGINNING = -FOREVER
Interval = tuple[int, int]


class Stay(NamedTuple):
    """A part in a product, or what something was made of in that: [start, end)."""

    part: str
    product: str
    start: int
    end: int


def present(unit: str, labels: Mapping[str, str]) -> str:
    """Returns the unit that a label leads to; of a ring the least."""
    seen = [unit]
    while (following := labels.get(seen[-1])) is not None:
        if following in seen:
            return min(seen[seen.index(following) :], key=ring_key)
        seen.append(following)
    return seen[-1]


def ring_key(unit: str) -> int:
    """The order of numbers that stand for units."""
    return int(unit)


def recalled(
    seeds: Iterable[str], stays: Iterable[Stay], labels: Mapping[str, str], bad: Interval, *, with_down: bool
) -> dict[str, list[Interval]]:
    """Returns the units with the intervals in which each held something bad."""
    resolved = [Stay(present(s.part, labels), present(s.product, labels), s.start, s.end) for s in stays]
    starts = {present(seed, labels) for seed in seeds}
    found = followed(starts, resolved, bad)
    if with_down:
        found |= followed(starts, [Stay(s.product, s.part, s.start, s.end) for s in resolved], bad)
    return {unit: joined(times for other, times in found if other == unit) for unit, _ in found}


def followed(starts: Iterable[str], stays: list[Stay], bad: Interval) -> set[tuple[str, Interval]]:
    """Follows every chain by itself, as long as it held at a time when the seed was bad."""
    found: set[tuple[str, Interval]] = set()
    waiting = {(unit, (BEGINNING, FOREVER)) for unit in starts}
    while waiting:
        found |= waiting
        onward = {
            (stay.product, (max(times[0], stay.start), min(times[1], stay.end)))
            for unit, times in waiting
            for stay in stays
            if stay.part == unit
        }
        waiting = {(unit, times) for unit, times in onward if max(times[0], bad[0]) < min(times[1], bad[1])} - found
    return found


def joined(intervals: Iterable[Interval]) -> list[Interval]:
    """Returns intervals in order, those that overlap or touch as one."""
    made: list[Interval] = []
    for start, end in sorted(intervals):
        if made and start <= made[-1][1]:
            made[-1] = (made[-1][0], max(made[-1][1], end))
        else:
            made.append((start, end))
    return made
