"""Units to test with: builders, random ones for hypothesis, and plain Python definitions of what is computed."""

from collections.abc import Sequence
from typing import NamedTuple

from hypothesis import strategies as st

from analytics.statistics.age_table import AgeTable, age_table


class Life(NamedTuple):
    """A unit at risk on (entry, time]."""

    time: float
    event: int
    entry: float = 0.0
    weight: int = 1


def table_of(lives: Sequence[Life]) -> AgeTable:
    """Return the age table of some units."""
    time, event, entry, weight = zip(*lives, strict=True)
    return age_table(entry, time, event, weight)


def repeated(lives: Sequence[Life]) -> list[Life]:
    """Return each unit as often as its weight says."""
    return [life._replace(weight=1) for life in lives for _ in range(life.weight)]


def at_risk(lives: Sequence[Life], time: float) -> int:
    """Return how many are at risk by the definition: entry < t <= exit."""
    return sum(life.weight for life in lives if life.entry < time <= life.time)


def died(lives: Sequence[Life], time: float, kind: int = 1) -> int:
    """Return how many have the event at exactly this time."""
    return sum(life.weight for life in lives if life.time == time and life.event == kind)


@st.composite
def some_lives(draw: st.DrawFn, most: int = 25, kinds: int = 1, weight: int = 1) -> list[Life]:
    """Return units with whole ages, so that entries, events and censorings tie."""
    lives = []
    for _ in range(draw(st.integers(1, most))):
        entry = draw(st.sampled_from([0, 0, 0, 1, 2, 3, 5]))
        time = entry + draw(st.integers(1, 9))
        lives.append(Life(time, draw(st.integers(0, kinds)), entry, draw(st.integers(1, weight))))
    return lives
