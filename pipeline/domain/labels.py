"""Retired labels: what a unit tells the one under which it goes on.

Flow: a fact decided, a life that ends under its label -> rows of Effects; pipeline/ledger/labels.py tells them.

From its RELABEL on a unit's life stands still, and its scans have their effect on the other unit: they are forwarded.
That unit goes on with the life as it stands, unless it had one of its own before; what of it changes later, because a
scan comes late or is taken back, is told again.
"""

import numpy as np
import numpy.typing as npt

from pipeline.domain.compiled import compiled
from pipeline.domain.derived_id import MOST_DEPTH, hops_of
from pipeline.domain.effects import BEFORE, Effects, text_of
from pipeline.domain.unit_state import Record, Units


@compiled
def note_forward(
    effects: Effects, cause: tuple[int, int, int], units: Units, fact: Record, heir: int, holds: bool, is_own: bool
) -> None:
    """Note a fact that has its effect on another unit, or has it no longer; `heir` is the link of that unit."""
    if hops_of(fact["depth"]) >= MOST_DEPTH:
        return
    at = effects.counts[0]
    row = effects.moves[at]
    row["scan"], row["unit"] = cause[0], cause[1]
    row["holds"], row["is_own"], row["fans"] = holds, is_own, False
    row["other_start"], row["other_length"] = text_of(units, cause[1], fact["link"])
    row["heir_start"], row["heir_length"] = text_of(units, cause[1], heir)
    effects.facts[at] = fact
    effects.counts[0] = at + 1


@compiled
def note_label(effects: Effects, cause: tuple[int, int, int], units: Units, former: int) -> None:
    """Note under which unit this one goes on now, and as what; `former` is the link of the one of before."""
    u, at = cause[1], effects.counts[2]
    life, place, row = units.lives[u], units.places[u], effects.labels[at]
    row["scan"], row["unit"], row["sequence"] = cause
    row["heir_start"], row["heir_length"] = text_of(units, u, life["alias"])
    row["former_start"], row["former_length"] = text_of(units, u, 0 if former == life["alias"] else former)
    row["container_start"], row["container_length"] = text_of(units, u, life["container"])
    row["parent_start"], row["parent_length"] = text_of(units, u, life["parent"])
    row["lot_start"], row["lot_length"] = place["lot_start"], place["lot_length"]
    effects.lives[at] = life
    effects.counts[2] = at + 1


@compiled
def same_life(a: Record, b: Record) -> bool:
    """Whether two lives of one unit are the same."""
    is_same_place = a["state"] == b["state"] and a["site"] == b["site"] and a["custody"] == b["custody"]
    is_same_time = a["event_time"] == b["event_time"] and a["commissioned_at"] == b["commissioned_at"]
    is_same_trade = a["shipped_at"] == b["shipped_at"] and a["sold_at"] == b["sold_at"] and a["sale"] == b["sale"]
    is_same_end = a["returned_at"] == b["returned_at"] and a["failed_at"] == b["failed_at"]
    is_same_bond = a["container"] == b["container"] and a["alias"] == b["alias"] and a["parent"] == b["parent"]
    is_same_mark = a["flags"] == b["flags"] and a["plain"] == b["plain"] and a["expiry"] == b["expiry"]
    return bool(is_same_place and is_same_time and is_same_trade and is_same_end and is_same_bond and is_same_mark)


@compiled
def keep_before(lives: npt.NDArray[np.void], units: Units, u: int) -> None:
    """Keep the life of a retired label as it is before its facts are folded again."""
    lives[BEFORE] = units.lives[u]


@compiled
def note_label_again(
    effects: Effects, cause: tuple[int, int, int], units: Units, lives: npt.NDArray[np.void], had_lot: int
) -> None:
    """Note a label that was retired before, where folding it again has changed it; `had_lot`: where its lot lay."""
    u, before = cause[1], lives[BEFORE]
    if not same_life(units.lives[u], before) or units.places[u]["lot_start"] != had_lot:
        note_label(effects, cause, units, int(before["alias"]))
