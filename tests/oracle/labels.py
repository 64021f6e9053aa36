"""Retired labels of a group of units: which life goes on under which key, which scans have their effect there."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace

from tests.oracle.belonging import own_key
from tests.oracle.derived import FORWARDED, depth_of, hash_of, is_drawn, root_of
from tests.oracle.facts import Fact
from tests.oracle.reference import Reference
from tests.oracle.rules import Place, Record
from tests.oracle.unit import Unit

_MOST_DEPTH = 32


def heirs_of(units: Mapping[str, Unit], reference: Reference) -> dict[str, Place]:
    """Returns the life that each unit goes on with, unless it has one by then: of the label that was retired first."""
    retired: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for key, unit in units.items():
        now = unit.facts.now
        if now.belonging.alias_of is not None and now.event_time is not None:
            retired[now.belonging.alias_of].append((now.event_time, key))
    return {key: _as(key, units[min(labels)[1]].facts.now, reference) for key, labels in retired.items()}


def _as(key: str, place: Place, reference: Reference) -> Place:
    """Returns a life as that of another unit, whose lifecycle may not know the state."""
    lifecycle, now = reference.lifecycles[reference.lifecycle_for(key)], place.belonging
    state = place.state if place.state in lifecycle.states else lifecycle.next_state("NONE", "COMMISSION")
    container = None if now.container == key else now.container
    parent = None if now.parent == key else now.parent
    belonging = replace(now, container=container, container_site=None, parent=parent, alias_of=None)
    return replace(place, state=state or "NONE", belonging=belonging)


def forwards_of(unit: Unit) -> Iterator[tuple[str, Record]]:
    """Returns what has its effect on another unit, and on which."""
    alias_of = unit.facts.now.belonging.alias_of
    for fact in unit.facts.ordered:
        is_forwarded = fact.stands and fact.decision["reason"] == "RETIRED_LABEL"
        if is_forwarded and alias_of is not None and depth_of(fact.scan) < _MOST_DEPTH:
            yield alias_of, _forwarded(fact, alias_of)


def _forwarded(fact: Fact, key: str) -> Record:
    scan = fact.scan
    root = root_of(scan) if scan["origin"] == "DERIVED" else hash_of(scan["scan_id"])
    depth = depth_of(scan) + 1 + (0 if is_drawn(scan) else FORWARDED)
    item, _, serial = key.rpartition("/")
    name = hash_of(f"{scan['scan_id']} {key}")
    own = {at: key for at in ("container", "other_unit") if scan[at] == own_key(scan)}
    named = {"scan_id": f"{root}{depth:02x}{name}", "item": item, "serial": serial, "origin": "DERIVED"}
    return scan | own | named | {"corrects": None}
