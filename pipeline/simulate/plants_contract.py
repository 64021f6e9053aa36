"""Planted scans that break the contract: the unit's record is not touched, whatever they say."""

from __future__ import annotations

import numpy as np

from pipeline.domain.scan import DERIVED
from pipeline.simulate.rows import HOUR, Rows
from pipeline.simulate.scene import Scene
from pipeline.simulate.world import BAD_ITEMS, NO_ITEM

_YEAR_2099 = 4_070_908_800_000
_SOON = (0.2 * HOUR, 0.9 * HOUR)


def miskeyed(scene: Scene, anchors: Rows) -> Rows:
    """Sent under the serial alone; the key is made when the scans are encoded."""
    return scene.later(anchors, "MISKEYED", "OBSERVE", _SOON)


def misrouted(scene: Scene, anchors: Rows) -> Rows:
    """Sent to the partition next to its own."""
    return scene.later(anchors, "MISROUTED", "OBSERVE", _SOON)


def bad_identifier(scene: Scene, anchors: Rows) -> Rows:
    """A GTIN whose check digit is wrong."""
    rows = scene.later(anchors, "BAD_IDENTIFIER", "OBSERVE", _SOON)
    units = rows["unit"].tolist()
    items = (BAD_ITEMS + scene.units.item[rows["unit"]]).tolist()
    rows["unit"] = scene.units.add(items, [scene.units.serial(unit) for unit in units])
    return rows


def bad_origin(scene: Scene, anchors: Rows) -> Rows:
    """Derived scans come from our own processes only, and not by this topic."""
    rows = scene.later(anchors, "BAD_ORIGIN", "OBSERVE", _SOON)
    rows["origin"] = DERIVED
    return rows


def future_time(scene: Scene, anchors: Rows) -> Rows:
    """A clock set to another century."""
    rows = scene.later(anchors, "FUTURE_TIME", "OBSERVE", _SOON)
    rows["event"] = _YEAR_2099 + scene.between(0, HOUR, len(rows))
    return rows


def bad_time(scene: Scene, anchors: Rows) -> Rows:
    """A clock before 1970."""
    rows = scene.later(anchors, "BAD_TIME", "OBSERVE", _SOON)
    rows["event"] = -scene.between(1, 1_000 * HOUR, len(rows))
    return rows


def unknown_unit(scene: Scene, anchors: Rows) -> Rows:
    """A serial misread: nobody commissioned that unit."""
    rows = scene.later(anchors, "UNKNOWN_UNIT", "RECEIVE", _SOON)
    units = rows["unit"].tolist()
    rows["unit"] = scene.units.add(
        scene.units.item[units].tolist(), [scene.units.serial(unit) + b"X" for unit in units]
    )
    return rows


def adopted(scene: Scene, anchors: Rows) -> Rows:
    """A shop's own equipment, met for the first time: its lifecycle adopts it, and says so."""
    rows = scene.later(anchors, "ADOPTED", "OBSERVE", _SOON)
    serials = [b"giai:0950600%d" % (scene.units.first + unit) for unit in rows["unit"].tolist()]
    rows["unit"] = scene.units.add(np.full(len(rows), NO_ITEM).tolist(), serials)
    return rows
