"""One wave of units being made: its rows, its identities, and how a planted scan starts from a clean one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pipeline.domain.scan import STEPS
from pipeline.simulate.expected import CODE
from pipeline.simulate.profile import Profile
from pipeline.simulate.rows import MINUTE, NONE, Rows
from pipeline.simulate.world import ITEMS, READERS_PER_SITE, World

SERIAL_DIGITS = 9


@dataclass
class Units:
    """Who is who in a wave: the units that live, then the identities that planted scans add.

    Shape: item: numbers of the world's items; added: (item, serial) of what comes after them.
    """

    first: int
    item: NDArray[np.int32]
    added: list[tuple[int, bytes]] = field(default_factory=list)

    @staticmethod
    def numbered(first: int, count: int) -> Units:
        """Return the units with these running numbers."""
        return Units(first, (np.arange(first, first + count) % ITEMS).astype(np.int32))

    def serial(self, unit: int) -> bytes:
        """Return the serial of a living unit: items share serials, as they do in life."""
        return b"S%0*d" % (SERIAL_DIGITS, (self.first + unit) // ITEMS)

    def add(self, items: Sequence[int], serials: Sequence[bytes]) -> NDArray[np.int32]:
        """Add identities; return their numbers."""
        at = len(self.item) + len(self.added)
        self.added.extend(zip(items, serials, strict=True))
        return np.arange(at, at + len(items), dtype=np.int32)


@dataclass
class Scene:
    """A wave with its clean rows; planters read and edit them and hand back more."""

    world: World
    profile: Profile
    units: Units
    rows: Rows
    random: np.random.Generator
    next_id: int

    def new_ids(self, count: int) -> NDArray[np.int64]:
        """Return numbers of scans that nobody has."""
        self.next_id += count
        return np.arange(self.next_id - count, self.next_id)

    def copies(self, anchors: Rows, planted: str) -> Rows:
        """Return copies of rows, the same in every byte, sent within minutes after them."""
        rows = anchors.copy()
        rows["slot"], rows["planted"] = NONE, CODE[planted]
        rows["sent"] += self.between(1_000, 30 * MINUTE, len(rows))
        return rows

    def later(self, anchors: Rows, planted: str, step: str, milliseconds: tuple[float, float]) -> Rows:
        """Return other scans of the same units, so much later, by the same reader, without papers."""
        rows = self.copies(anchors, planted)
        rows["step"], rows["id"] = STEPS.index(step), self.new_ids(len(rows))
        for name in ("destination", "document", "lot", "condition", "symptom"):
            rows[name] = NONE
        rows["event"] += self.between(*milliseconds, len(rows))
        rows["capture"] = rows["event"] + self.between(200, 20_000, len(rows))
        rows["sent"] = np.maximum(rows["capture"], anchors["sent"] + 1_000)
        return rows

    def between(self, low: float, high: float, count: int) -> NDArray[np.int64]:
        """Return whole numbers from low to high, high included."""
        return self.random.integers(int(low), int(high), count, endpoint=True)

    def move(self, rows: Rows, sites: NDArray[np.integer]) -> Rows:
        """Put rows at other sites, under readers of these; return them."""
        rows["site"] = sites
        rows["reader"] = sites * READERS_PER_SITE
        return rows
