"""The clean lives of a wave of units: which slots each goes through, when and where.

Flow: profile, units and a random source -> rows, unit by unit in the order of events, every one of them legal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.domain.scan import ORIGINS, STEPS
from pipeline.simulate.expected import CLEAN
from pipeline.simulate.profile import Profile, Slot
from pipeline.simulate.rows import DOCUMENT_KINDS, DOCUMENT_SPAN, HOUR, NONE, ROW, Rows
from pipeline.simulate.world import READERS_PER_SITE, World

_SPREAD_HOURS = 24 * 120  # the days in which units are made
_DAY_MS = 24 * HOUR
_OPERATORS = 60
_SYMPTOMS = 5
_NO_DESTINATION = 0.1  # of shipments: nobody has custody on the way
_OTHER_SHOP = 0.3  # of returns


@dataclass(frozen=True)
class Lives:
    """What a unit goes through and where.

    Shape: present bool[units, slots]; factory, warehouse, shop, last_shop: site numbers, one per unit.
    """

    present: NDArray[np.bool_]
    places: Mapping[str, NDArray[np.int32]]


def draw_lives(
    profile: Profile, world: World, item: NDArray[np.int32], random: np.random.Generator, counts: int
) -> Lives:
    """Draw which groups each unit goes through, and its sites.

    `counts` is how often the units that are counted often are counted.
    """
    reached: dict[str, NDArray[np.bool_]] = {}
    for name, on, share in profile.groups:
        chance = share * (_frailty(item) if name == "failed" else 1.0)
        drawn = random.permutation(len(item)) < chance * len(item)  # the share is met exactly, not on average
        reached[name] = drawn & reached[on] if on else drawn
    present = np.stack([reached[slot.group] for slot in profile.slots], axis=1)
    often = [place for place, slot in enumerate(profile.slots) if slot.group == "counted often"]
    present[:, often[counts:]] = False
    return Lives(present, _draw_places(world, len(item), random))


def _frailty(item: NDArray[np.int32]) -> NDArray[np.float64]:
    """Return how much more often an item fails than most: a few are bad."""
    return np.where(item % 13 == 0, 6.0, np.where(item % 7 == 0, 2.5, 0.7))


def _draw_places(world: World, units: int, random: np.random.Generator) -> dict[str, NDArray[np.int32]]:
    places = {kind: random.choice(world.of_kind(kind), units) for kind in ("factory", "warehouse", "shop")}
    elsewhere = random.random(units) < _OTHER_SHOP
    places["last shop"] = np.where(elsewhere, random.choice(world.of_kind("shop"), units), places["shop"])
    return places


def force(lives: Lives, profile: Profile, units: NDArray[np.integer], groups: Iterable[str]) -> None:
    """Make units go through groups and all these stand on."""
    wanted = {name for group in groups for name in profile.under(group)}
    slots = np.flatnonzero([slot.group in wanted for slot in profile.slots])
    lives.present[np.ix_(units, slots)] = True


def live(lives: Lives, profile: Profile, item: NDArray[np.int32], start: int, random: np.random.Generator) -> Rows:
    """Return the rows of all lives, unit by unit in the order of events."""
    _return_to_last_shop(lives, profile)
    units, slots = np.nonzero(lives.present)
    rows = np.zeros(len(units), ROW)
    rows["unit"], rows["slot"] = units, slots
    rows["step"] = np.array([STEPS.index(slot.step) for slot in profile.slots])[slots]
    rows["event"] = _times(lives, profile, start, random)[lives.present]
    rows["site"] = _sites(lives, profile)[lives.present]
    _add_devices(rows, random)
    _add_papers(rows, lives, profile, item, random)
    rows["origin"], rows["planted"] = ORIGINS.index("DEVICE"), CLEAN
    rows["id"], rows["corrects"] = np.arange(len(rows)), NONE
    return rows


def _return_to_last_shop(lives: Lives, profile: Profile) -> None:
    """A unit that never came back has no other shop than the one that sold it."""
    if any(slot.name == "return" for slot in profile.slots):
        stayed = ~lives.present[:, profile.index("return")]
        lives.places["last shop"][stayed] = lives.places["shop"][stayed]


def _times(lives: Lives, profile: Profile, start: int, random: np.random.Generator) -> NDArray[np.int64]:
    low, high = np.array([slot.hours for slot in profile.slots]).T
    pauses = low + (high - low) * random.random(lives.present.shape, np.float32)
    pauses[~lives.present] = 0
    pauses[:, 0] = random.uniform(0, _SPREAD_HOURS, len(pauses))
    milliseconds: NDArray[np.int64] = start + np.cumsum(pauses * HOUR, axis=1).astype(np.int64)
    return milliseconds


def _sites(lives: Lives, profile: Profile) -> NDArray[np.int32]:
    return np.stack([lives.places[slot.place] for slot in profile.slots], axis=1)


def _add_devices(rows: Rows, random: np.random.Generator) -> None:
    """Give each row a reader of its site, a person, and the seconds until it is recorded and sent."""
    rows["reader"] = rows["site"] * READERS_PER_SITE + random.integers(0, READERS_PER_SITE, len(rows))
    rows["operator"] = random.integers(0, _OPERATORS, len(rows))
    rows["capture"] = rows["event"] + random.integers(200, 20_000, len(rows))
    rows["sent"] = rows["capture"]


def _add_papers(
    rows: Rows, lives: Lives, profile: Profile, item: NDArray[np.int32], random: np.random.Generator
) -> None:
    """Add documents, destinations, lots, conditions and symptoms, as the slots say."""
    slots = rows["slot"]
    rows["document"] = _documents(rows, profile)
    rows["destination"] = _destinations(lives, profile)[lives.present]
    rows["destination"][random.random(len(rows)) < _NO_DESTINATION] = NONE
    week = (rows["event"] // (7 * _DAY_MS)).astype(np.int32)
    rows["lot"] = np.where(slots == 0, item[rows["unit"]] * 10_000 + week, NONE)
    conditions = sorted({slot.condition for slot in profile.slots} - {""})
    rows["condition"] = np.array([_place(conditions, slot.condition) for slot in profile.slots])[slots]
    is_failure = rows["step"] == STEPS.index("FAIL")
    rows["symptom"] = np.where(is_failure, random.integers(0, _SYMPTOMS, len(rows)), NONE)


def _place(names: list[str], name: str) -> int:
    return names.index(name) if name else NONE


def _destinations(lives: Lives, profile: Profile) -> NDArray[np.int32]:
    nowhere = np.full(len(lives.present), NONE, np.int32)

    def destination(slot: Slot) -> NDArray[np.int32]:
        return lives.places[slot.destination] if slot.destination else nowhere

    return np.stack([destination(slot) for slot in profile.slots], axis=1)


def _documents(rows: Rows, profile: Profile) -> NDArray[np.int64]:
    """Return a paper per site and day: all that is counted, shipped or sold there that day is under one."""
    kinds = np.array([_place(list(DOCUMENT_KINDS), slot.document) for slot in profile.slots])[rows["slot"]]
    numbers = rows["site"].astype(np.int64) * 1_000_000 + rows["event"] // _DAY_MS
    return np.where(kinds >= 0, kinds * DOCUMENT_SPAN + numbers, NONE)
