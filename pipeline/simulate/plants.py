"""The table of what can be planted: after which scan of a life, and by whom."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.simulate import plants_again as again
from pipeline.simulate import plants_containers as containers
from pipeline.simulate import plants_contract as contract
from pipeline.simulate import plants_flags as flags
from pipeline.simulate import plants_papers as papers
from pipeline.simulate import plants_unit as unit
from pipeline.simulate.profile import Profile
from pipeline.simulate.rows import Rows
from pipeline.simulate.scene import Scene


class Plant(NamedTuple):
    """One class: the planter, the slot it starts from, what else its units must go through, scans it adds a unit."""

    build: Callable[[Scene, Rows], Rows]
    anchor: str
    through: tuple[str, ...] = ()
    scans: int = 1


PLANTS: Final[Mapping[str, Plant]] = {
    "MISKEYED": Plant(contract.miskeyed, "receive-2"),
    "MISROUTED": Plant(contract.misrouted, "receive-2"),
    "BAD_IDENTIFIER": Plant(contract.bad_identifier, "receive-2"),
    "BAD_ORIGIN": Plant(contract.bad_origin, "receive-2"),
    "FUTURE_TIME": Plant(contract.future_time, "receive-2"),
    "BAD_TIME": Plant(contract.bad_time, "receive-2"),
    "REDELIVERED": Plant(unit.redelivered, "receive-2"),
    "SCAN_ID_REUSED": Plant(unit.scan_id_reused, "receive-2"),
    "CORRECTION_VOID": Plant(unit.correction_void, "stock"),
    "CORRECTION_STEP": Plant(unit.correction_step, "stock"),
    "CORRECTS_UNKNOWN": Plant(unit.corrects_unknown, "receive-2"),
    "LATE_BEYOND_TAIL": Plant(unit.late_beyond_tail, "commission", ("counted often",)),
    "DOUBLE_SCAN": Plant(unit.double_scan, "receive-2"),
    "RECOUNTED": Plant(unit.recounted, "count"),
    "SEEN_AFTER_END": Plant(unit.seen_after_end, "destroy"),
    "DUPLICATE_COMMISSION": Plant(unit.duplicate_commission, "commission"),
    "ILLEGAL_TRANSITION": Plant(unit.illegal_transition, "sell"),
    "UNKNOWN_UNIT": Plant(contract.unknown_unit, "receive-2"),
    "ADOPTED": Plant(contract.adopted, "receive-2"),
    "RETURN_NOT_SOLD": Plant(unit.return_not_sold, "stock"),
    "IMPOSSIBLE_TRAVEL": Plant(unit.impossible_travel, "stock"),
    "CUSTODY_CONFLICT": Plant(unit.custody_conflict, "stock"),
    "UNKNOWN_SITE": Plant(unit.unknown_site, "sell"),
    "SAME_SERIAL": Plant(unit.same_serial, "commission"),
    "LEGAL_REENTRY": Plant(unit.legal_reentry, "stock"),
    "BURST": Plant(again.burst, "receive-2"),
    "SECOND_SOURCE": Plant(again.second_source, "receive-2"),
    "RETIRED_LABEL": Plant(again.retired_label, "commission", scans=3),
    "ALIAS_LOOP": Plant(again.alias_loop, "receive-2"),
    "STOLEN": Plant(flags.stolen, "stock"),
    "RECALLED": Plant(flags.recalled, "stock"),
    "EXPIRED": Plant(flags.expired, "stock"),
    "NOT_EXPECTED": Plant(papers.not_expected, "receive-2"),
    "WRONG_UNIT": Plant(papers.wrong_unit, "pick"),
    "RETURN_MISMATCH": Plant(papers.return_mismatch, "return"),
    "NEAR_SERIAL": Plant(papers.near_serial, "receive-2"),
    "NEAR_CHECK_DIGIT": Plant(papers.near_check_digit, "receive-2"),
    "AGGREGATION_BREAK": Plant(containers.aggregation_break, "commission", scans=5 * containers.MEMBERS),
    "PALLET": Plant(containers.pallet, "commission", scans=5 * containers.MEMBERS),
}


def choose(
    weights: Mapping[str, float], scans: int, units: int, random: np.random.Generator
) -> dict[str, NDArray[np.int64]]:
    """Choose the units of each class: no unit has two, so that the truth of each scan is beyond doubt.

    `weights` gives each class its share of `scans`; a class that is wanted gets at least one unit.
    """
    wanted = {name: max(1, round(weight * scans)) for name, weight in weights.items() if weight > 0}
    crowd = sum(wanted.values()) / units
    if crowd > 1:
        wanted = {name: int(count / crowd) for name, count in wanted.items()}
    order = random.permutation(units)
    ends = np.cumsum([0, *wanted.values()])
    return {name: np.sort(order[ends[n] : ends[n + 1]]) for n, name in enumerate(wanted)}


def groups_of(name: str, profile: Profile) -> tuple[str, ...]:
    """Return the groups that a unit of this class must go through."""
    plant = PLANTS[name]
    return (profile.slots[profile.index(plant.anchor)].group, *plant.through)


def plant(scene: Scene, chosen: Mapping[str, NDArray[np.int64]]) -> Rows:
    """Plant all classes; return the added rows (clean rows that change are changed in the scene)."""
    added = [scene.rows[:0]]
    for name, units in chosen.items():
        is_anchor = (scene.rows["slot"] == scene.profile.index(PLANTS[name].anchor)) & np.isin(
            scene.rows["unit"], units
        )
        added.append(PLANTS[name].build(scene, scene.rows[is_anchor]))
    return np.concatenate(added)
