"""Planted scans that the unit's record judges: repeats, corrections, illegal steps, clones, and legal look-alikes."""

from __future__ import annotations

import numpy as np

from pipeline.domain.scan import ORIGINS, STEPS
from pipeline.simulate.expected import CODE
from pipeline.simulate.rows import HOUR, MINUTE, Rows
from pipeline.simulate.scene import Scene
from pipeline.simulate.world import FOREIGN_ITEMS

_DAYS = 24 * HOUR
_SOON = (0.2 * HOUR, 0.9 * HOUR)  # before anything else can happen to a unit
_AFTER_STOCK = (1 * HOUR, 10 * HOUR)  # the shortest pause after STOCK and SELL is 24 hours
_DOUBLE_SCAN_MS = 5_000
_SIGHTINGS = 3
_CORRECTION = ORIGINS.index("CORRECTION")


def redelivered(scene: Scene, anchors: Rows) -> Rows:
    """The same bytes again."""
    return scene.copies(anchors, "REDELIVERED")


def scan_id_reused(scene: Scene, anchors: Rows) -> Rows:
    """Another scan under an id already taken."""
    rows = scene.later(anchors, "SCAN_ID_REUSED", "OBSERVE", _SOON)
    rows["id"] = anchors["id"]
    return rows


def double_scan(scene: Scene, anchors: Rows) -> Rows:
    """The same reader, the same step, within five seconds."""
    rows = scene.copies(anchors, "DOUBLE_SCAN")
    rows["id"] = scene.new_ids(len(rows))
    rows["event"] += scene.between(0, _DOUBLE_SCAN_MS, len(rows))
    return rows


def recounted(scene: Scene, anchors: Rows) -> Rows:
    """Counted again under the document it was counted under."""
    rows = scene.later(anchors, "RECOUNTED", "COUNT", _SOON)
    rows["document"] = anchors["document"]
    return rows


def seen_after_end(scene: Scene, anchors: Rows) -> Rows:
    """Seen after it was destroyed, once or more: one alert."""
    again = np.repeat(anchors, scene.random.choice(np.arange(1, _SIGHTINGS + 1), len(anchors), p=(0.8, 0.15, 0.05)))
    return scene.later(again, "SEEN_AFTER_END", "OBSERVE", (1 * _DAYS, 10 * _DAYS))


def duplicate_commission(scene: Scene, anchors: Rows) -> Rows:
    """A second unit made under the same serial, by any factory."""
    rows = scene.later(anchors, "DUPLICATE_COMMISSION", "COMMISSION", (1 * HOUR, 15 * HOUR))
    return scene.move(rows, scene.random.choice(scene.world.of_kind("factory"), len(rows)))


def illegal_transition(scene: Scene, anchors: Rows) -> Rows:
    """Picked in a warehouse's list after it was sold."""
    return scene.later(anchors, "ILLEGAL_TRANSITION", "PICK", _AFTER_STOCK)


def return_not_sold(scene: Scene, anchors: Rows) -> Rows:
    """Brought back though nobody sold it."""
    return scene.later(anchors, "RETURN_NOT_SOLD", "RETURN", _AFTER_STOCK)


def impossible_travel(scene: Scene, anchors: Rows) -> Rows:
    """A clone: far away minutes later."""
    rows = scene.later(anchors, "IMPOSSIBLE_TRAVEL", "OBSERVE", (1 * MINUTE, 5 * MINUTE))
    return scene.move(rows, scene.world.farthest[anchors["site"]])


def custody_conflict(scene: Scene, anchors: Rows) -> Rows:
    """A clone: seen where it could have gone in time, but where nobody sent it."""
    rows = scene.later(anchors, "CUSTODY_CONFLICT", "OBSERVE", (9 * HOUR, 12 * HOUR))
    return scene.move(rows, scene.world.farthest[anchors["site"]])


def unknown_site(scene: Scene, anchors: Rows) -> Rows:
    """Sold at a stall that no site table names: the sale itself is the planted scan."""
    stalls = scene.random.integers(scene.world.known, len(scene.world.names), len(anchors))
    rows = scene.rows[anchors["id"]]  # the ids of clean rows are their places
    rows["planted"] = CODE["UNKNOWN_SITE"]
    scene.rows[anchors["id"]] = scene.move(rows, stalls)
    none: Rows = rows[:0]
    return none


def correction_void(scene: Scene, anchors: Rows) -> Rows:
    """Put on hold by mistake, and the mistake taken back: at once, or days later."""
    mistakes = scene.later(anchors, "MISTAKE", "HOLD", _AFTER_STOCK)
    late = scene.random.random(len(anchors)) < 0.5  # noqa: PLR2004
    corrections = scene.later(mistakes, "CORRECTION_VOID", "VOID", (5 * MINUTE, HOUR))
    corrections["sent"] += np.where(late, scene.between(_DAYS, 4 * _DAYS, len(late)), 0)
    return np.concatenate([mistakes, _naming(corrections, mistakes)])


def correction_step(scene: Scene, anchors: Rows) -> Rows:
    """The wrong button pressed when it was stocked, corrected by the right one at the same time of event."""
    mistakes = scene.rows[anchors["id"]]
    mistakes["planted"], mistakes["step"] = CODE["MISTAKE"], STEPS.index("HOLD")
    scene.rows[anchors["id"]] = mistakes
    corrections = scene.later(anchors, "CORRECTION_STEP", "STOCK", (0, 0))
    corrections["sent"] = mistakes["sent"] + scene.between(MINUTE, 8 * HOUR, len(mistakes))
    corrections["capture"] = corrections["sent"]
    return _naming(corrections, mistakes)


def corrects_unknown(scene: Scene, anchors: Rows) -> Rows:
    """Takes back a scan that nobody sent."""
    rows = scene.later(anchors, "CORRECTS_UNKNOWN", "VOID", _SOON)
    rows["origin"], rows["corrects"] = _CORRECTION, scene.new_ids(len(rows))
    return rows


def late_beyond_tail(scene: Scene, anchors: Rows) -> Rows:
    """From the factory, sent when the unit has lived through more than the ledger remembers."""
    rows = scene.later(anchors, "LATE_BEYOND_TAIL", "OBSERVE", _SOON)
    last = np.zeros(len(scene.units.item), np.int64)
    np.maximum.at(last, scene.rows["unit"], scene.rows["sent"])
    rows["sent"] = last[rows["unit"]] + HOUR
    return rows


def same_serial(scene: Scene, anchors: Rows) -> Rows:
    """D6: another item's unit with the same serial is another unit."""
    rows = scene.later(anchors, "SAME_SERIAL", "COMMISSION", _SOON)
    serials = [scene.units.serial(unit) for unit in rows["unit"].tolist()]
    rows["unit"] = scene.units.add((FOREIGN_ITEMS + scene.units.item[rows["unit"]]).tolist(), serials)
    return rows


def legal_reentry(scene: Scene, anchors: Rows) -> Rows:
    """D8: transferred far away and back within the hour: on paper, and legally."""
    there = scene.later(anchors, "LEGAL_REENTRY", "TRANSFER", (10 * MINUTE, 20 * MINUTE))
    back = scene.later(there, "LEGAL_REENTRY", "TRANSFER", (10 * MINUTE, 20 * MINUTE))
    return np.concatenate([scene.move(there, scene.world.farthest[anchors["site"]]), back])


def _naming(corrections: Rows, targets: Rows) -> Rows:
    corrections["corrects"], corrections["origin"] = targets["id"], _CORRECTION
    return corrections
