"""Where a generator's choices come from: a seeded random number generator, or Hypothesis, which can shrink them."""

import random
from collections.abc import Sequence
from typing import Protocol, TypeVar

from hypothesis import strategies as st

T = TypeVar("T")


class Chooser(Protocol):
    """Chooses one of several; the first is the plainest."""

    def pick(self, options: Sequence[T]) -> T:
        """Returns one of the options."""
        ...

    def chance(self, percent: int) -> bool:
        """Returns True so many times in a hundred."""
        ...


class Seeded:
    """Chooses by a seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311  no secret

    def pick(self, options: Sequence[T]) -> T:
        """Returns one of the options."""
        return options[int(self._random.random() * len(options))]

    def chance(self, percent: int) -> bool:
        """Returns True so many times in a hundred."""
        return self._random.random() * 100 < percent


class Drawn:
    """Chooses as Hypothesis draws."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw

    def pick(self, options: Sequence[T]) -> T:
        """Returns one of the options."""
        return options[self._draw(st.integers(0, len(options) - 1))]

    def chance(self, percent: int) -> bool:
        """Returns True so many times in a hundred."""
        return self._draw(st.integers(0, 99)) >= 100 - percent
