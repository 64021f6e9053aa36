"""One wave of units from birth to the order of sending: clean lives, late uploads, planted scans.

Flow: plan and wave number -> rows in sending order, with the identities they name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from pipeline.simulate import plants
from pipeline.simulate.expected import CLEAN, CODE
from pipeline.simulate.extras import Extra, Paper
from pipeline.simulate.lives import Lives, draw_lives, force, live
from pipeline.simulate.plan import Plan
from pipeline.simulate.profile import MOST_COUNTS
from pipeline.simulate.rows import HOUR, MINUTE, Rows
from pipeline.simulate.scene import Scene, Units
from pipeline.simulate.world import World

_LAST_DAYS = 3 * 24 * HOUR
_SCANS_OF_A_CLASS = {"CORRECTION_VOID": 2, "LEGAL_REENTRY": 2, "CORRECTION_STEP": 1, "UNKNOWN_SITE": 0}


@dataclass(frozen=True)
class Wave:
    """Rows in the order of sending, who their units are, what few of them say; the documents to be told before them.

    `derived`: how many scans containers will have derived for what is in them.
    """

    rows: Rows
    units: Units
    extras: list[Extra]
    papers: list[Paper]
    derived: int


def make_wave(plan: Plan, world: World, number: int) -> Wave:
    """Make the units of one wave live; the same plan and number give the same rows."""
    first = number * plan.wave_units
    count = min(plan.wave_units, plan.units - first)
    random = np.random.default_rng([plan.seed, number])
    units = Units.numbered(first, count)
    expected_scans = plan.expected_scans(count)
    chosen = plants.choose(plan.class_weights(), expected_scans, count, random)
    lives = draw_lives(plan.profile, world, units.item, random, MOST_COUNTS)
    for name, at in chosen.items():
        force(lives, plan.profile, at, plants.groups_of(name, plan.profile))
    exact = plan.exact_scans(number)
    if exact is not None:
        _fit_counts(lives, plan, chosen, exact)
    rows = live(lives, plan.profile, units.item, plan.start, random)
    spare = np.ones(count, np.bool_)
    spare[np.concatenate([np.empty(0, np.int64), *chosen.values()])] = False
    scene = Scene(world, plan.profile, units, rows, random, len(rows), spare)
    _upload_late(scene, plan.late, chosen.get("LATE_BEYOND_TAIL", np.empty(0, np.int64)))
    added = plants.plant(scene, chosen)
    kept = scene.rows if exact is None else _trim(scene.rows, chosen, exact - len(added))
    rows = np.concatenate([kept, added])
    if plan.until is not None:
        _end_before(rows, units.times_of()[rows["unit"]], plan.until, random)
    ordered = rows[np.argsort(rows["sent"], kind="stable")]
    return Wave(ordered, units, scene.extras, scene.papers, scene.derived)


def _end_before(rows: Rows, party: NDArray[np.integer], until: int, random: np.random.Generator) -> None:
    """Move each life as a whole, with those that belong to it, so that it ends in the days before a moment."""
    last = np.full(int(party.max()) + 1, np.iinfo(np.int64).min)
    np.maximum.at(last, party, rows["sent"])
    shift = (until - random.integers(0, _LAST_DAYS, len(last)) - last)[party]
    has_clock = ~np.isin(rows["planted"], [CODE["FUTURE_TIME"], CODE["BAD_TIME"]])
    rows["event"] += np.where(has_clock, shift, 0)
    rows["capture"] += shift
    rows["sent"] += shift


def _upload_late(scene: Scene, share: float, spared: NDArray[np.int64]) -> None:
    """Let some handhelds upload only after the unit's next scan has arrived; the record says so by its capture time."""
    rows = scene.rows
    has_next = np.append(rows["unit"][1:] == rows["unit"][:-1], False)
    candidates = has_next & ~np.isin(rows["unit"], spared)
    chance = min(1.0, share * len(rows) / max(1, candidates.sum()))
    late = np.flatnonzero(candidates & (scene.random.random(len(rows)) < chance))
    rows["capture"][late] = rows["event"][late + 1] + scene.between(MINUTE, 6 * HOUR, len(late))
    rows["sent"][late] = rows["capture"][late]


def _fit_counts(lives: Lives, plan: Plan, chosen: Mapping[str, NDArray[np.int64]], exact: int) -> None:
    """Count the often counted units as often as it takes to reach the number of scans, or just above."""
    if plan.profile.name != "bench":
        return
    first = plan.profile.index("count-0")
    often = np.flatnonzero(lives.present[:, first])
    planted = sum(len(units) * _SCANS_OF_A_CLASS.get(name, 1) for name, units in chosen.items())
    others = int(lives.present.sum()) - len(often) * MOST_COUNTS + planted
    counts = min(MOST_COUNTS, max(1, ceil((exact - others) / max(1, len(often)))))
    lives.present[:, first + counts : first + MOST_COUNTS] = False


def _trim(rows: Rows, chosen: Mapping[str, NDArray[np.int64]], wanted: int) -> Rows:
    """Take the surplus away from the ends of lives in which nothing was planted: what is left is as legal as before."""
    surplus = len(rows) - wanted
    if surplus <= 0:
        return rows
    planted = np.concatenate([np.empty(0, np.int64), *chosen.values()])
    ends = np.append(np.flatnonzero(rows["unit"][1:] != rows["unit"][:-1]), len(rows) - 1)
    from_end = ends[np.searchsorted(ends, np.arange(len(rows)))] - np.arange(len(rows))
    clean = np.flatnonzero(~np.isin(rows["unit"], planted) & (rows["planted"] == CLEAN))
    dropped = clean[np.argsort(from_end[clean], kind="stable")[:surplus]]
    return np.delete(rows, dropped)
