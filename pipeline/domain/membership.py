"""What a unit is in, what it is part of, under which label it goes on: all of it local to the unit.

Flow: the life before, a fact -> whether it contradicts the container it is in; the life after it.

A derived scan is its container's move and says nothing of its own about membership, but that it has been unpacked: else
a member that has left, and does not know it yet, would be drawn back in. Or that the container goes on under another
label: then it is in that one. A scan forwarded from a retired label is none of those: it is the unit's own.
"""

from pipeline.domain.compiled import compiled
from pipeline.domain.derived_id import FORWARDED
from pipeline.domain.scan import COMMISSION, DISPENSE, INSTALL, PACK, RELABEL, REMOVE, REPLACE, SELL, UNPACK
from pipeline.domain.unit_state import BEGINS_ANEW, SELF_FACT, Record
from pipeline.domain.verdict import NONE


@compiled
def is_derived(fact: Record) -> bool:
    """Whether the scan is another unit's move, told on."""
    return bool(0 < fact["depth"] < FORWARDED)


@compiled
def relabels(fact: Record) -> bool:
    """Whether an applied fact retires the label: the unit goes on under another."""
    return bool(fact["step"] == RELABEL and fact["link"] != 0 and not is_derived(fact))


@compiled
def names_other_unit(step: int) -> bool:
    """Whether a step's counterpart is its other_unit; every other step's is its container."""
    return step in (INSTALL, REMOVE, REPLACE, RELABEL)


@compiled
def begins_anew(fact: Record) -> bool:
    """Whether an applied fact begins the unit's next life; a COMMISSION that only a mode lets happen does not."""
    if fact["step"] != COMMISSION or fact["before"] == 0:
        return False
    return bool(fact["empty"] == BEGINS_ANEW or fact["reason"] == NONE)  # format 2 told it by the reason


@compiled
def ends_life(rule: Record, fact: Record) -> bool:
    """Whether a fact that took effect leads to a terminal state."""
    return bool(rule["is_end"] != 0 and fact["after"] == rule["usual"])


@compiled
def is_broken(life: Record, scan: Record) -> bool:
    """Whether a scan of a member contradicts what it is in: another container, or another place without it."""
    container = life["container"]
    if container == 0 or is_derived(scan):
        return False
    link = 0 if names_other_unit(scan["step"]) else scan["link"]
    if link != 0:
        return bool(link != container)
    site = life["container_site"] if life["container_site"] != 0 else life["site"]
    return bool(scan["step"] not in (PACK, UNPACK) and scan["site"] != site)


@compiled
def belong(life: Record, fact: Record, is_end: bool) -> None:
    """Note what the unit is in, part of or replaced by after a fact that took effect.

    Args:
        life: the life before it, changed in place.
        fact: the fact.
        is_end: whether it ends the life.
    """
    life["container"] = container_after(int(life["container"]), fact, is_end)
    life["container_site"] = container_site_after(life, fact)
    life["parent"] = parent_after(int(life["parent"]), fact, is_end)
    if relabels(fact):
        life["alias"] = fact["link"]


@compiled
def container_site_after(life: Record, fact: Record) -> int:
    """Return where the container of a unit was last, after a fact that told it: moved with it, or named beside it.

    Returns:
        The number of a site, 0 for none.
    """
    if life["container"] == 0:
        return 0
    is_beside = fact["link"] == life["container"] and not names_other_unit(fact["step"])
    is_moved = is_derived(fact) and fact["step"] != UNPACK and fact["step"] != REMOVE  # noqa: PLR1714  a tuple would be built
    return int(fact["site"]) if is_beside or is_moved else int(life["container_site"])


@compiled
def container_after(container: int, fact: Record, is_end: bool) -> int:
    """Return the link of what the unit is in after a fact: what is sold, installed or at its end is in nothing."""
    step, link = int(fact["step"]), int(fact["link"])
    if is_end:
        return 0
    if begins_anew(fact):
        container = 0  # of its former life
    if step == UNPACK:
        if fact["flags"] & SELF_FACT or (is_derived(fact) and link != container):
            return container  # it is what is in it that leaves; or it has left already
        return 0
    if is_derived(fact):
        return link if step == PACK and link != 0 else container
    if step == SELL or step == DISPENSE or step == INSTALL:  # noqa: PLR1714, SIM109  a tuple would be built
        return 0
    return container if link == 0 or names_other_unit(step) else link


@compiled
def parent_after(parent: int, fact: Record, is_end: bool) -> int:
    """Return the link of what the unit is part of after a fact."""
    step, link = int(fact["step"]), int(fact["link"])
    if is_end or begins_anew(fact):
        return 0
    if step == REMOVE:
        if fact["flags"] & SELF_FACT or (is_derived(fact) and link != parent):
            return parent
        return 0
    if is_derived(fact):
        return link if step == INSTALL and link != 0 else parent
    if step == REPLACE:
        return 0
    return link if step == INSTALL and link != 0 else parent
