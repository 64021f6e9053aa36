"""The sites of one partition: every name ever seen or loaded, numbered from 1 in the order of appearance.

Flow: slices of a buffer that hold site names -> their numbers; new names are added.

The numbers are part of the units' state, so they never change; they follow the ordinals, so every replay gives the
same ones.
"""

import math
from collections.abc import Iterable
from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.domain.compiled import compiled
from pipeline.domain.decide import SITE, SITE_KNOWN, SITE_LOCATED
from pipeline.domain.slices import Bytes, hash_slice, same_slice

_BYTES_A_NAME: Final = 16


@compiled
def find(
    slots: npt.NDArray[np.int32], names: Bytes, starts: npt.NDArray[np.int64], text: Bytes, start: int, length: int
) -> int:
    """Return the number of a name, or ~slot of the free slot it would take."""
    mask = len(slots) - 1
    slot = hash_slice(text, start, length) & mask
    while slots[slot] != 0:
        number = slots[slot]
        if starts[number + 1] - starts[number] == length and same_slice(names, starts[number], text, start, length):
            return int(number)
        slot = (slot + 1) & mask
    return ~slot


@compiled
def find_all(
    slots: npt.NDArray[np.int32],
    names: Bytes,
    starts: npt.NDArray[np.int64],
    text: Bytes,
    at: npt.NDArray[np.int64],
    length: npt.NDArray[np.int64],
    found: npt.NDArray[np.int32],
    begin: int,
) -> int:
    """Find names from `begin` on (0 where the length is below 0); stop at the first unknown one, return its place."""
    for i in range(begin, len(at)):
        number = 0 if length[i] < 0 else find(slots, names, starts, text, at[i], length[i])
        if number < 0:
            return i
        found[i] = number
    return len(at)


class SiteTable:
    """Names to numbers, and what the rules must know of each site."""

    def __init__(self) -> None:
        self.names: list[bytes] = [b""]  # number 0 is no site
        self._room = 64
        self._sites = np.zeros(self._room, SITE)
        self._slots = np.zeros(4 * self._room, np.int32)
        self._buffer, self._starts = np.zeros(_BYTES_A_NAME * self._room, np.uint8), np.zeros(self._room + 1, np.int64)

    def __len__(self) -> int:
        """Return how many sites there are, number 0 not counted."""
        return len(self.names) - 1

    @property
    def sites(self) -> npt.NDArray[np.void]:
        """SITE[site], as the rules want it."""
        return self._sites[: len(self.names)]

    def texts(self) -> tuple[Bytes, npt.NDArray[np.int64]]:
        """Return the names end to end, and where each starts."""
        count = len(self.names)
        return self._buffer[: self._starts[count]], self._starts[: count + 1]

    def numbers_of(
        self, text: Bytes, start: npt.NDArray[np.int64], length: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.int32]:
        """Return the number of each name, adding those that are new, in order; 0 where the length is below 0."""
        found = np.zeros(len(start), np.int32)
        at = 0
        while True:
            at = find_all(self._slots, self._buffer, self._starts, text, start, length, found, at)
            if at == len(start):
                return found
            self.add(text[start[at] : start[at] + length[at]].tobytes())

    def number_of(self, name: bytes) -> int:
        """Return the number of a name, adding it if it is new."""
        text = np.frombuffer(name, np.uint8)
        number = find(self._slots, self._buffer, self._starts, text, 0, len(name))
        return number if number > 0 else self.add(name)

    def add(self, name: bytes) -> int:
        """Add a name that is not there yet; returns its number."""
        if len(self.names) == self._room:
            self._grow()
        number = len(self.names)
        self.names.append(name)
        start = int(self._starts[number])
        end = start + len(name)
        if end > len(self._buffer):
            self._buffer = np.concatenate([self._buffer, np.zeros(max(len(self._buffer), len(name)), np.uint8)])
        self._buffer[start:end] = np.frombuffer(name, np.uint8)
        self._starts[number + 1] = end
        self._take_slot(number)
        return number

    def _take_slot(self, number: int) -> None:
        start, length = int(self._starts[number]), len(self.names[number])
        self._slots[~find(self._slots, self._buffer, self._starts, self._buffer, start, length)] = number

    def locate(self, number: int, latitude: float | None, longitude: float | None) -> None:
        """Make a site known and, where both coordinates are given, place it on the globe.

        Units: degrees; the place is a unit vector, so that a distance needs no trigonometry but one arc sine.
        """
        if latitude is None or longitude is None:
            self._place(number, SITE_KNOWN, (0.0, 0.0, 0.0))
            return
        phi, lam = math.radians(latitude), math.radians(longitude)
        place = (math.cos(phi) * math.cos(lam), math.cos(phi) * math.sin(lam), math.sin(phi))
        self._place(number, SITE_LOCATED, place)

    def name_in_modes(self, names: Iterable[str]) -> None:
        """Give the sites that modes name their columns, from 1, and take them from all others."""
        numbers = [self.number_of(name.encode()) for name in names]
        self._sites["column"] = 0
        self._sites["column"][numbers] = np.arange(1, len(numbers) + 1)

    def _place(self, number: int, status: int, vector: tuple[float, float, float]) -> None:
        site = self._sites[number]
        site["status"], (site["x"], site["y"], site["z"]) = status, vector

    def _grow(self) -> None:
        self._room *= 2
        sites = np.zeros(self._room, SITE)
        sites[: len(self.names)] = self._sites[: len(self.names)]
        self._sites = sites
        starts = np.zeros(self._room + 1, np.int64)
        starts[: len(self._starts)] = self._starts
        self._starts = starts
        self._slots = np.zeros(4 * self._room, np.int32)
        for number in range(1, len(self.names)):
            self._take_slot(number)
