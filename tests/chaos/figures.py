"""What a slow test counted and how long it took, on the screen: the figures that are quoted."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest


class Figures:
    """Collects what was counted."""

    def __init__(self) -> None:
        self.told = ""

    def tell(self, text: str) -> None:
        """Say what was counted, once."""
        self.told = text


@contextmanager
def told(capsys: pytest.CaptureFixture[str]) -> Iterator[Figures]:
    """Print what a block counted, and its seconds."""
    figures, begun = Figures(), time.perf_counter()
    yield figures
    with capsys.disabled():
        sys.stdout.write(f"\n{figures.told} in {time.perf_counter() - begun:.0f} s\n")
