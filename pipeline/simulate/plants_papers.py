"""Planted scans under documents that are told before: not expected, another unit, another sale, a code misread (D10).

Beside the units that a document does not expect it expects others, whose scans are as clean as before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from pipeline.simulate.expected import CODE
from pipeline.simulate.extras import Extra, Paper
from pipeline.simulate.rows import HOUR, Rows, document_name
from pipeline.simulate.scene import Scene
from pipeline.simulate.world import BAD_ITEMS

_SOON = (0.2 * HOUR, 0.9 * HOUR)
_DELIVERY, _MISREAD, _MISTYPED = range(3)  # what the documents of one kind and site are for
_WRONG_SALE = "order:of-another"


class Surprise(NamedTuple):
    """What is planted under documents of a kind, and what these tell.

    sales: by unit, the document of its sale, where that is to be told; named: units among the planted that are expected
    all the same, with the sale that is told.
    """

    planted: str
    kind: str
    sales: Mapping[int, str] = MappingProxyType({})
    named: Mapping[int, str] = MappingProxyType({})


def not_expected(scene: Scene, anchors: Rows) -> Rows:
    """Received under a shipping notice that does not name it."""
    _surprise(scene, anchors, Surprise("NOT_EXPECTED", "asn"))
    return anchors[:0]


def wrong_unit(scene: Scene, anchors: Rows) -> Rows:
    """Picked for an order to which others are allocated."""
    _surprise(scene, anchors, Surprise("WRONG_UNIT", "order"))
    return anchors[:0]


def return_mismatch(scene: Scene, anchors: Rows) -> Rows:
    """Returned under an authorisation that does not name it, or names another sale."""
    wrong = dict.fromkeys(anchors["unit"][::2].tolist(), _WRONG_SALE)
    _surprise(scene, anchors, Surprise("RETURN_MISMATCH", "rma", _sales(scene), wrong))
    return anchors[:0]


def near_serial(scene: Scene, anchors: Rows) -> Rows:
    """D10: a letter of an expected serial read as the figure that looks like it; the unit comes another way."""
    rows = scene.later(anchors, "NEAR_SERIAL", "RECEIVE", _SOON)
    units = anchors["unit"].tolist()
    serials = [b"5" + scene.units.serial(unit)[1:] for unit in units]  # read for S
    rows["unit"] = scene.units.add(scene.units.item[units].tolist(), serials)
    return _misread(scene, rows, anchors, _MISREAD)


def near_check_digit(scene: Scene, anchors: Rows) -> Rows:
    """D10: an expected unit's check digit, mistyped."""
    rows = scene.later(anchors, "NEAR_CHECK_DIGIT", "RECEIVE", _SOON)
    units = anchors["unit"].tolist()
    items = (BAD_ITEMS + scene.units.item[units]).tolist()
    rows["unit"] = scene.units.add(items, [scene.units.serial(unit) for unit in units])
    return _misread(scene, rows, anchors, _MISTYPED)


def _misread(scene: Scene, rows: Rows, anchors: Rows, purpose: int) -> Rows:
    rows["document"] = scene.told_papers("asn", purpose, rows["site"])
    keys = scene.keys(anchors["unit"])
    _tell(scene, zip(rows["document"].tolist(), keys, ("" for _ in keys), strict=True))
    return scene.say(rows, [Extra(likely=key) for key in keys])


def _surprise(scene: Scene, anchors: Rows, surprise: Surprise) -> None:
    """Put scans, and as many of units with nothing planted, under documents that expect the latter."""
    rows, named = scene.rows, surprise.named
    like = np.flatnonzero(np.isin(rows["slot"], anchors["slot"]) & scene.spare[rows["unit"]])
    expected = np.sort(scene.random.permutation(like)[: len(anchors)])
    places = np.concatenate([anchors["id"], expected])  # the ids of clean rows are their places
    rows["document"][places] = scene.told_papers(surprise.kind, _DELIVERY, rows["site"][places])
    rows["planted"][anchors["id"]] = CODE[surprise.planted]
    units, numbers = rows["unit"][places].tolist(), rows["document"][places].tolist()
    is_named = [place >= len(anchors) or unit in named for place, unit in enumerate(units)]
    sales = (named.get(unit, surprise.sales.get(unit, "")) for unit in units)
    told = zip(numbers, scene.keys(rows["unit"][places]), sales, strict=True)
    _tell(scene, (one for one, is_one in zip(told, is_named, strict=True) if is_one), numbers)


def _tell(scene: Scene, expected: Iterable[tuple[int, bytes, str]], numbers: Iterable[int] = ()) -> None:
    """Have documents told, those that expect nothing too."""
    papers: dict[int, list[tuple[str, str]]] = defaultdict(list, {number: [] for number in numbers})
    for number, key, sale in expected:
        papers[number].append((key.decode(), sale))
    scene.papers += [Paper(document_name(number).decode(), tuple(units)) for number, units in papers.items()]


def _sales(scene: Scene) -> dict[int, str]:
    """Return the document of each unit's first sale."""
    sold = scene.rows[scene.rows["slot"] == scene.profile.index("sell")]
    names = (document_name(number).decode() for number in sold["document"].tolist())
    return dict(zip(sold["unit"].tolist(), names, strict=True))
