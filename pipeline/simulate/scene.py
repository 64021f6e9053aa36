"""One wave of units being made: its rows, its identities, and how a planted scan starts from a clean one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pipeline.domain.scan import STEPS
from pipeline.simulate.expected import CODE
from pipeline.simulate.extras import Extra, Paper
from pipeline.simulate.profile import Profile
from pipeline.simulate.rows import DOCUMENT_SPAN, MINUTE, NONE, Rows, documents
from pipeline.simulate.world import ITEMS, READERS_PER_SITE, World

SERIAL_DIGITS = 9
_TOLD = DOCUMENT_SPAN // 5  # from here on the documents that are told before; clean lives have smaller numbers
_PURPOSES, _MOST_SITES = 4, 10_000


@dataclass
class Units:
    """Who is who in a wave: the units that live, then the identities that planted scans add.

    Shape: item: numbers of the world's items; added: (item, serial) of what comes after them; parties: by identity, the
    one whose times its own belong to.
    """

    first: int
    item: NDArray[np.int32]
    added: list[tuple[int, bytes]] = field(default_factory=list)
    parties: dict[int, int] = field(default_factory=dict)

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

    def join(self, units: NDArray[np.integer], leaders: NDArray[np.integer]) -> None:
        """Note that what happens to units has its time beside what happens to others, their leaders."""
        self.parties |= dict(zip(units.tolist(), leaders.tolist(), strict=True))

    def times_of(self) -> NDArray[np.int64]:
        """Return for each identity the one whose times it shares, most of them their own."""
        own = np.arange(len(self.item) + len(self.added))
        for unit, leader in self.parties.items():
            own[unit] = leader
        return own


@dataclass
class Scene:
    """A wave with its clean rows; planters read and edit them and hand back more."""

    world: World
    profile: Profile
    units: Units
    rows: Rows
    random: np.random.Generator
    next_id: int
    spare: NDArray[np.bool_]
    """By living unit: whether nothing is planted in its life."""
    extras: list[Extra] = field(default_factory=lambda: [Extra()])
    papers: list[Paper] = field(default_factory=list)
    derived: int = 0
    """How many scans containers will have derived for what is in them."""

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
        rows["extra"] = 0
        rows["event"] += self.between(*milliseconds, len(rows))
        rows["capture"] = rows["event"] + self.between(200, 20_000, len(rows))
        rows["sent"] = np.maximum(rows["capture"], anchors["sent"] + 1_000)
        return rows

    def keys(self, units: NDArray[np.integer]) -> list[bytes]:
        """Return unit keys."""
        living = len(self.units.item)
        known = [
            (int(self.units.item[unit]), self.units.serial(unit)) if unit < living else self.units.added[unit - living]
            for unit in units.tolist()
        ]
        return [b"/".join(part for part in (self.world.items[item], serial) if part) for item, serial in known]

    def newcomers(self, anchors: Rows, letters: bytes) -> NDArray[np.int32]:
        """Return new units, one of the item of each anchor's unit, named after it."""
        units = anchors["unit"].tolist()
        serials = [b"%s%0*d" % (letters, SERIAL_DIGITS, self.units.first + unit) for unit in units]
        return self.units.add(self.units.item[units].tolist(), serials)

    @staticmethod
    def of_units(rows: Rows, units: NDArray[np.integer]) -> Rows:
        """Make rows those of other units; return them."""
        rows["unit"] = units
        return rows

    def say(self, rows: Rows, extras: Sequence[Extra]) -> Rows:
        """Give each row what few scans say; return them."""
        rows["extra"] = np.arange(len(self.extras), len(self.extras) + len(rows))
        self.extras.extend(extras)
        return rows

    def told_papers(self, kind: str, purpose: int, sites: NDArray[np.integer]) -> NDArray[np.int64]:
        """Return documents that are told before, one per kind, purpose and site of the wave."""
        first = (self.units.first * _PURPOSES + purpose) * _MOST_SITES
        return documents(kind, _TOLD + first + sites.astype(np.int64))

    def between(self, low: float, high: float, count: int) -> NDArray[np.int64]:
        """Return whole numbers from low to high, high included."""
        return self.random.integers(int(low), int(high), count, endpoint=True)

    def move(self, rows: Rows, sites: NDArray[np.integer]) -> Rows:
        """Put rows at other sites, under readers of these; return them."""
        rows["site"] = sites
        rows["reader"] = sites * READERS_PER_SITE
        return rows
