"""Planted sales and shipments of units that may not be sold or shipped just then, and may later."""

from __future__ import annotations

import numpy as np

from pipeline.simulate.extras import Extra
from pipeline.simulate.rows import HOUR, MINUTE, Rows
from pipeline.simulate.scene import Scene

_FOUND_OUT = (1 * HOUR, 3 * HOUR)  # the shortest pause after STOCK is 24 hours
_TRIED = (10 * MINUTE, 2 * HOUR)
_2024_12_31 = 20_088  # days since 1970
_2099_12_31 = 47_481


def stolen(scene: Scene, anchors: Rows) -> Rows:
    """Sold while it is reported stolen; it is found again."""
    return _barred(scene, anchors, "STOLEN", "SELL", (Extra(flags_set=b"stolen"), Extra(flags_unset=b"stolen")))


def recalled(scene: Scene, anchors: Rows) -> Rows:
    """Shipped while it is recalled; it proves to be sound."""
    return _barred(scene, anchors, "RECALLED", "SHIP", (Extra(flags_set=b"recalled"), Extra(flags_unset=b"recalled")))


def expired(scene: Scene, anchors: Rows) -> Rows:
    """Sold after its date, which was read wrong and is put right."""
    return _barred(scene, anchors, "EXPIRED", "SELL", (Extra(expiry=_2024_12_31), Extra(expiry=_2099_12_31)))


def _barred(scene: Scene, anchors: Rows, planted: str, step: str, said: tuple[Extra, Extra]) -> Rows:
    """Return an inspection that finds out, the try, and an inspection that clears the unit."""
    found_out = scene.later(anchors, "CLEAN", "INSPECT", _FOUND_OUT)
    tried = scene.later(found_out, planted, step, _TRIED)
    cleared = scene.later(tried, "CLEAN", "INSPECT", _TRIED)
    for rows, extra in zip((found_out, cleared), said, strict=True):
        scene.say(rows, [extra] * len(rows))
    return np.concatenate([found_out, tried, cleared])
