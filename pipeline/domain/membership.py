"""What a unit is in, what it is part of, under which label it goes on: all of it local to the unit.

Flow: the life before, a fact -> whether it contradicts the container it is in; the life after it.

A derived scan is its container's move and says nothing of its own about membership, but that it has been unpacked: else
a member that has left, and does not know it yet, would be drawn back in.
"""

from pipeline.domain.compiled import compiled
from pipeline.domain.scan import INSTALL, PACK, RELABEL, REMOVE, REPLACE, UNPACK
from pipeline.domain.unit_state import Record


@compiled
def is_derived(fact: Record) -> bool:
    """Whether the scan is another unit's move, told on."""
    return bool(fact["root"] != fact["scan_id"])


@compiled
def names_other_unit(step: int) -> bool:
    """Whether a step's counterpart is its other_unit; every other step's is its container."""
    return step in (INSTALL, REMOVE, REPLACE, RELABEL)


@compiled
def is_broken(life: Record, scan: Record) -> bool:
    """Whether a scan of a member contradicts what it is in: another container, or another place without it."""
    container = life["container"]
    if container == 0 or is_derived(scan):
        return False
    link = 0 if names_other_unit(scan["step"]) else scan["link"]
    if link != 0:
        return bool(link != container)
    return bool(scan["step"] not in (PACK, UNPACK) and scan["site"] != life["site"])


@compiled
def belong(life: Record, fact: Record) -> None:
    """Note what the unit is in, part of or replaced by after a fact that took effect."""
    step, link = fact["step"], fact["link"]
    if is_derived(fact):
        leave(life, step, link)
    elif step == UNPACK:
        life["container"] = 0
    elif step in (REMOVE, REPLACE):
        life["parent"] = 0
    elif step == INSTALL:
        life["parent"] = link
    elif step == RELABEL:
        life["alias"] = link
    else:
        life["container"] = link


@compiled
def leave(life: Record, step: int, link: int) -> None:
    """Let a member leave what has been emptied, where it is still in it."""
    if step == UNPACK and life["container"] == link:
        life["container"] = 0
    elif step == REMOVE and life["parent"] == link:
        life["parent"] = 0
