"""Planted scans of what was told already: by a reader that goes on reading, by a second system, by a label of old."""

from __future__ import annotations

import numpy as np

from pipeline.simulate.extras import Extra
from pipeline.simulate.rows import HOUR, MINUTE, Rows
from pipeline.simulate.scene import Scene
from pipeline.simulate.world import READERS_PER_SITE

_SOON = (0.2 * HOUR, 0.9 * HOUR)
_READS = 3
_BETWEEN_READS_MS = 8_000  # more than a double scan's 5 seconds, all of them within a burst's 30
_JITTER_MS = 1_000
_TOLERANCE_MS = 2_000
_OTHER_SYSTEM = Extra(source=b"warehouse-system")


def burst(scene: Scene, anchors: Rows) -> Rows:
    """D3: an RFID gate reads a unit that stands in it, again and again."""
    first = scene.later(anchors, "CLEAN", "OBSERVE", _SOON)
    reads = [
        scene.later(first, "BURST", "OBSERVE", (n * _BETWEEN_READS_MS - _JITTER_MS, n * _BETWEEN_READS_MS + _JITTER_MS))
        for n in range(1, _READS + 1)
    ]
    return np.concatenate([first, *reads])


def second_source(scene: Scene, anchors: Rows) -> Rows:
    """D11: another system tells the same scan, by a clock of its own."""
    rows = scene.copies(anchors, "SECOND_SOURCE")
    rows["id"] = scene.new_ids(len(rows))
    rows["event"] += scene.between(-_TOLERANCE_MS, _TOLERANCE_MS, len(rows))
    rows["reader"] = rows["site"] * READERS_PER_SITE + (rows["reader"] + 1) % READERS_PER_SITE
    return scene.say(rows, [_OTHER_SYSTEM] * len(rows))


def retired_label(scene: Scene, anchors: Rows) -> Rows:
    """A unit gets a new label, and somebody reads the old one: of units that have no other life."""
    old, new = scene.newcomers(anchors, b"O"), scene.newcomers(anchors, b"N")
    made = scene.of_units(scene.later(anchors, "CLEAN", "COMMISSION", (5 * MINUTE, 30 * MINUTE)), old)
    relabelled = scene.later(made, "CLEAN", "RELABEL", (3 * HOUR, 5 * HOUR))
    scene.say(relabelled, [Extra(other_unit=key) for key in scene.keys(new)])
    return np.concatenate([made, relabelled, scene.later(relabelled, "RETIRED_LABEL", "OBSERVE", _SOON)])


def alias_loop(scene: Scene, anchors: Rows) -> Rows:
    """Relabelled with the label it has."""
    rows = scene.later(anchors, "ALIAS_LOOP", "RELABEL", _SOON)
    return scene.say(rows, [Extra(other_unit=key) for key in scene.keys(rows["unit"])])
