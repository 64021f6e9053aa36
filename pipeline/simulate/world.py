"""The world of a simulation: sites with coordinates, items, readers, and sites nobody loaded."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.domain.unit_key import check_digit

FEWEST_SITES: Final = 4
READERS_PER_SITE: Final = 4
_UNKNOWN_SITES: Final = 3
_KINDS: Final = (("factory", 0.15), ("warehouse", 0.25), ("shop", 0.6))
_NORTH_WEST, _SOUTH_EAST = (58.0, -6.0), (38.0, 23.0)  # two corners are taken: every site has one far away
ITEMS: Final = 40
FOREIGN_ITEMS: Final = ITEMS  # from here on as many items of which no unit lives
BAD_ITEMS: Final = 2 * ITEMS  # from here on the items again, each with a wrong check digit
NO_ITEM: Final = 3 * ITEMS  # of schemes without an item class
_COMPANY: Final = "0950600"  # GS1's prefix for examples


@dataclass(frozen=True)
class World:
    """Sites by number: the known ones first, then those no table names.

    Shape: latitude, longitude, farthest: one per known site; factories, warehouses, shops: numbers of sites.
    """

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    latitude: NDArray[np.float64]
    longitude: NDArray[np.float64]
    farthest: NDArray[np.int32]
    items: tuple[bytes, ...]

    @property
    def known(self) -> int:
        """How many sites the table names."""
        return len(self.latitude)

    def of_kind(self, kind: str) -> NDArray[np.int32]:
        """Return the numbers of the known sites of a kind."""
        return np.array([place for place, other in enumerate(self.kinds) if other == kind], np.int32)

    def write_sites(self, file: Path) -> None:
        """Write the known sites as `scanledger sites load` reads them."""
        with file.open("w", newline="", encoding="utf-8") as out:
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow(("name", "latitude", "longitude", "kind"))
            writer.writerows(self.sites())

    def sites(self) -> list[tuple[str, float, float, str]]:
        """Return name, latitude, longitude and kind of each known site."""
        places = zip(self.latitude.tolist(), self.longitude.tolist(), strict=True)
        return [
            (name, latitude, longitude, kind)
            for name, (latitude, longitude), kind in zip(self.names, places, self.kinds, strict=False)
            if kind != "unknown"
        ]


def build_world(sites: int, seed: int) -> World:
    """Place the sites: some factories, more warehouses, most of them shops.

    Raises: ValueError for fewer sites than a supply chain needs.
    """
    if sites < FEWEST_SITES:
        message = f"a supply chain needs at least {FEWEST_SITES} sites, not {sites}"
        raise ValueError(message)
    random = np.random.default_rng([seed, 0x517E5])
    counts = [max(1, round(share * sites)) for _, share in _KINDS[:2]]
    counts.append(sites - sum(counts))
    kinds = [kind for (kind, _), count in zip(_KINDS, counts, strict=True) for _ in range(count)]
    names = [f"{kind}-{n + 1}" for (kind, _), count in zip(_KINDS, counts, strict=True) for n in range(count)]
    latitude = random.uniform(_SOUTH_EAST[0], _NORTH_WEST[0], sites).round(4)
    longitude = random.uniform(_NORTH_WEST[1], _SOUTH_EAST[1], sites).round(4)
    (latitude[0], longitude[0]), (latitude[-1], longitude[-1]) = _NORTH_WEST, _SOUTH_EAST
    return World(
        names=(*names, *(f"pop-up-{n + 1}" for n in range(_UNKNOWN_SITES))),
        kinds=(*kinds, *("unknown",) * _UNKNOWN_SITES),
        latitude=latitude,
        longitude=longitude,
        farthest=_farthest(latitude, longitude),
        items=(*map(_gtin, range(2 * ITEMS)), *(_gtin(n, wrong=1) for n in range(ITEMS)), b""),
    )


def _farthest(latitude: NDArray[np.float64], longitude: NDArray[np.float64]) -> NDArray[np.int32]:
    """Return for each site the corner site that is farther away; a degree of longitude is short up here."""
    east = longitude * np.cos(np.radians(48.0))

    def distance(corner: int) -> NDArray[np.float64]:
        away: NDArray[np.float64] = np.hypot(latitude - latitude[corner], east - east[corner])
        return away

    return np.where(distance(0) > distance(-1), 0, len(latitude) - 1).astype(np.int32)


def _gtin(number: int, wrong: int = 0) -> bytes:
    digits = f"{_COMPANY}{number:06d}"
    return f"gtin:{digits}{(check_digit(digits) + wrong) % 10}".encode()
