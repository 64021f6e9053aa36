"""How long to wait before the next try: twice as long after each failure, and at random, lest all sites try at once."""

import random
from collections.abc import Callable
from typing import Final

_FIRST_SECONDS: Final = 1.0
_LONGEST_SECONDS: Final = 60.0


class Pace:
    """Counts failures in a row."""

    def __init__(self, chance: Callable[[], float] = random.random) -> None:
        self._chance, self._failures = chance, 0

    def succeeded(self) -> None:
        """Begin anew."""
        self._failures = 0

    def failed(self, at_least: float | None = None) -> float:
        """Return the seconds to wait after one more failure, no fewer than the other side asked for."""
        longest = min(_FIRST_SECONDS * 2.0**self._failures, _LONGEST_SECONDS)
        self._failures = min(self._failures + 1, 30)
        return (at_least or 0.0) + longest * (0.5 + 0.5 * self._chance())
