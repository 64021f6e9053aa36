"""Lives that travel from a retired label to the unit that goes on with them: numbers become names, and numbers again.

Flow: LIFE of the label -> JSON -> LIFE of the unit.
"""

from collections.abc import Mapping
from typing import Any, Final

from pipeline.domain.flags import FLAGS
from pipeline.domain.lifecycle import NO_STATE
from pipeline.domain.reference import Reference
from pipeline.domain.scan import COMMISSION
from pipeline.domain.unit_state import Record, blank_life
from pipeline.ledger.at_hand import OneUnit

_TIMES: Final = ("event_time", "commissioned_at", "shipped_at", "sold_at", "returned_at", "failed_at", "expiry")


def life_told(life: Record, lifecycle: int, reference: Reference) -> dict[str, Any]:
    """Return a life as it travels, without what it was in."""
    sites = reference.sites.names
    states = (NO_STATE, *reference.lifecycles[lifecycle - 1].states)
    told: dict[str, Any] = {name: int(life[name]) for name in (*_TIMES, "sale")}
    told |= {name: flag_words(int(life[name])) for name in ("flags", "plain")}
    return told | {
        "state": states[life["state"]],
        "site": sites[life["site"]].decode(),
        "custody": sites[life["custody"]].decode(),
    }


def flag_words(flags: int) -> list[str]:
    """Return the words of flags."""
    return [flag for at, flag in enumerate(FLAGS) if flags >> at & 1]


def life_heard(told: Mapping[str, Any], unit: OneUnit, reference: Reference) -> Record:
    """Return the life as that of another unit, its links added to the unit's.

    A state that the unit's lifecycle does not know becomes that of a unit just commissioned.
    """
    life = blank_life(1)[0]
    for name in (*_TIMES, "sale"):
        life[name] = int(told[name])
    for name in ("flags", "plain"):
        life[name] = sum(1 << FLAGS.index(word) for word in set(told[name]))
    lifecycle = int(unit.head["lifecycle"])
    states = (NO_STATE, *reference.lifecycles[lifecycle - 1].states)
    begun = int(reference.rules().rules[lifecycle, 0, COMMISSION]["next"])
    life["state"] = states.index(told["state"]) if told["state"] in states else max(begun, 1)
    for name in ("site", "custody"):
        life[name] = reference.sites.number_of(str(told[name]).encode()) if told[name] else 0
    for name in ("container", "parent"):
        life[name] = 0 if told[name] == unit.key.decode() else unit.link_to(str(told[name]))
    return life
