"""Pallets that take their units from a factory to a shop: what is packed on them moves, and nobody scans it.

The units are newcomers, so that no other life is touched. A pallet is emptied at once, or its units are taken off one
by one. The planted scans are those of units that are seen elsewhere than their pallet.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.domain.unit_key import check_digit
from pipeline.simulate.extras import Extra
from pipeline.simulate.rows import HOUR, MINUTE, Rows
from pipeline.simulate.scene import Scene
from pipeline.simulate.world import NO_ITEM

MEMBERS = 4
_BROKEN = 2
_COMPANY = "10950600"  # an extension digit, GS1's prefix for examples
_MADE, _PALLET_MADE, _PACKED = (5 * MINUTE, 30 * MINUTE), (1 * HOUR, 1.5 * HOUR), (2 * HOUR, 3 * HOUR)
_SHIPPED, _SEEN, _RECEIVED = (6 * HOUR, 8 * HOUR), (15 * HOUR, 25 * HOUR), (30 * HOUR, 40 * HOUR)
_UNPACKED, _STOCKED, _SOLD = (1 * HOUR, 2 * HOUR), (3 * HOUR, 5 * HOUR), (24 * HOUR, 200 * HOUR)


class Load(NamedTuple):
    """Pallets with what is on them.

    Shape: pallets: numbers of units, one per pallet; members: likewise, MEMBERS for each pallet in turn.
    """

    pallets: NDArray[np.int32]
    members: NDArray[np.int32]


def pallet(scene: Scene, anchors: Rows) -> Rows:
    """Clean pallets, shipped to a shop that is named."""
    load = _load(scene, anchors)
    packed, shipped = _ship(scene, anchors, load)
    shops = scene.random.choice(scene.world.of_kind("shop"), len(anchors))
    shipped["destination"] = shops
    return np.concatenate([packed, shipped, _arrive(scene, shipped, load, shops)])


def aggregation_break(scene: Scene, anchors: Rows) -> Rows:
    """Pallets of which two units are seen at another shop while the pallet is under way, to nobody in particular."""
    load = _load(scene, anchors)
    packed, shipped = _ship(scene, anchors, load)
    lost = load.members.reshape(-1, MEMBERS)[:, :_BROKEN].reshape(-1)
    seen = scene.of_units(scene.later(np.repeat(shipped, _BROKEN), "AGGREGATION_BREAK", "OBSERVE", _SEEN), lost)
    scene.move(seen, scene.random.choice(scene.world.of_kind("shop"), len(seen)))
    shops = scene.random.choice(scene.world.of_kind("shop"), len(anchors))
    return np.concatenate([packed, shipped, seen, _arrive(scene, shipped, load, shops)])


def _load(scene: Scene, anchors: Rows) -> Load:
    numbers = [f"{_COMPANY}{scene.units.first + unit:09d}" for unit in anchors["unit"].tolist()]
    codes = [f"sscc:{number}{check_digit(number)}".encode() for number in numbers]
    pallets = scene.units.add([NO_ITEM] * len(codes), codes)
    letters = [b"P%d-" % n for n in range(MEMBERS)]
    members = np.stack([scene.newcomers(anchors, letter) for letter in letters], axis=1).reshape(-1)
    scene.units.join(members, np.repeat(pallets, MEMBERS))
    return Load(pallets, members)


def _ship(scene: Scene, anchors: Rows, load: Load) -> tuple[Rows, Rows]:
    """Return all until the units are on their pallets, and the shipments, which scan the pallets alone."""
    made = scene.of_units(scene.later(np.repeat(anchors, MEMBERS), "CLEAN", "COMMISSION", _MADE), load.members)
    ready = scene.of_units(scene.later(anchors, "CLEAN", "COMMISSION", _PALLET_MADE), load.pallets)
    packed = scene.later(made, "CLEAN", "PACK", _PACKED)
    scene.say(packed, [Extra(container=key) for key in scene.keys(np.repeat(load.pallets, MEMBERS))])
    shipped = scene.later(ready, "CLEAN", "SHIP", _SHIPPED)
    scene.derived += len(load.members)
    return np.concatenate([made, ready, packed]), shipped


def _arrive(scene: Scene, shipped: Rows, load: Load, shops: NDArray[np.integer]) -> Rows:
    """Return how pallets are received and emptied, and their units stocked and sold."""
    received = scene.move(scene.later(shipped, "CLEAN", "RECEIVE", _RECEIVED), shops)
    at_once = scene.random.random(len(received)) < 0.5  # noqa: PLR2004
    emptied = scene.later(received[at_once], "CLEAN", "UNPACK", _UNPACKED)
    scene.say(emptied, [Extra(container=key) for key in scene.keys(emptied["unit"])])
    singly = np.repeat(~at_once, MEMBERS)
    taken = scene.later(np.repeat(received, MEMBERS)[singly], "CLEAN", "UNPACK", _UNPACKED)
    scene.say(taken, [Extra(container=key) for key in scene.keys(taken["unit"])])
    scene.of_units(taken, load.members[singly])
    stocked = scene.later(np.repeat(received, MEMBERS), "CLEAN", "STOCK", _STOCKED)
    scene.of_units(stocked, load.members)
    sold = scene.later(stocked[::2], "CLEAN", "SELL", _SOLD)
    scene.derived += len(load.members) + MEMBERS * len(emptied)
    return np.concatenate([received, emptied, taken, stocked, sold])
