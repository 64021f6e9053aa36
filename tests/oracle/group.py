"""Several units of the oracle, in each other: what all of them come to once everybody knows everything.

    units = group_of(arrivals)      # own scans, in the order of their arrival
    units["sku:ACME/PUMP/1"].summary()["site"]

It knows nothing of messages: from nothing derived, it folds every unit, derives from that what each container's moves
mean for its members, what retired labels leave to others, and does so again until nothing changes.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from tests.oracle.arrivals import Arrival
from tests.oracle.belonging import named_by, own_key
from tests.oracle.derived import depth_of, hash_of, is_drawn, root_of
from tests.oracle.facts import Fact
from tests.oracle.labels import forwards_of, heirs_of
from tests.oracle.oracle import unit_key_of
from tests.oracle.reference import Reference
from tests.oracle.rules import Place, Record
from tests.oracle.unit import Unit

_MOST_ROUNDS = 80
_MOST_DEPTH = 32
_OWN_AFFAIRS = ("PACK", "UNPACK", "INSTALL", "REMOVE", "REPLACE", "RELABEL")
_FOREVER = 1 << 62
Stay = tuple[str, str, int, int]
"""Kind, key of the other unit, from, to."""


def group_of(arrivals: Iterable[Arrival], reference: Reference) -> dict[str, Unit]:
    """Returns every unit that has a scan or is named as what another is in."""
    own: dict[str, list[Record]] = defaultdict(list)
    for arrival in arrivals:
        own[unit_key_of(arrival.record)].append(arrival.record)
    derived: dict[str, list[Record]] = {}
    heirs: dict[str, Place] = {}
    for _ in range(_MOST_ROUNDS):
        keys = [*own, *(key for key in (*derived, *heirs) if key not in own)]
        units = {key: _fold(key, [*own.get(key, []), *derived.get(key, [])], reference, heirs.get(key)) for key in keys}
        found, retired = _derive(units), heirs_of(units, reference)
        if found == derived and retired == heirs:
            return units
        derived, heirs = found, retired
    message = "the units never come to rest"
    raise AssertionError(message)


def members_of(units: dict[str, Unit]) -> dict[str, int]:
    """Returns how many units are in each, or part of it."""
    counts: dict[str, int] = defaultdict(int)
    for unit in units.values():
        held = unit.facts.now.belonging.held
        for holder in (held.container, held.parent):
            if holder is not None:
                counts[holder] += 1
    return counts


def _fold(key: str, scans: list[Record], reference: Reference, heir: Place | None) -> Unit:
    unit = Unit(key, reference)
    if heir is not None:
        unit.facts.go_on_with(heir)
    for ordinal, scan in enumerate(scans, start=1):
        unit.take(scan, ordinal)
    return unit


def _derive(units: dict[str, Unit]) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = defaultdict(list)
    moves = {key: list(_moves(unit)) for key, unit in units.items()}
    for key, unit in units.items():
        for kind, holder, begin, end in _stays(unit):
            for fact in moves.get(holder, []):
                if begin <= fact.scan["event_time"] < end and _is_for(fact, kind):
                    found[key].append(_told(fact, kind, holder, key))
        for other, scan in forwards_of(unit):
            found[other].append(scan)
    return {key: sorted(scans, key=lambda scan: (scan["event_time"], scan["scan_id"])) for key, scans in found.items()}


def _moves(unit: Unit) -> Iterator[Fact]:
    """Returns the facts that what is in the unit follows: place, state, custody or step are others than before."""
    before, last_step = unit.facts.base, None
    for fact in unit.facts.ordered:
        step = fact.scan["step"]
        if not fact.has_effect:
            continue
        carries = step in unit.lifecycle.carries
        changes = _told_of(before) != _told_of(fact.after) or step not in ("OBSERVE", last_step)
        is_always = _is_emptying(fact.scan) or _into(fact) is not None
        if (is_always or (carries and changes)) and depth_of(fact.scan) < _MOST_DEPTH:
            yield fact
        before, last_step = fact.after, step if carries and step != "OBSERVE" else last_step


def _told_of(place: Place) -> tuple[str, str | None, str | None]:
    return place.state, place.site, place.custody


def _is_emptying(scan: Record) -> bool:
    return scan["step"] in ("UNPACK", "REMOVE") and named_by(scan) == own_key(scan)


def _into(fact: Fact) -> str | None:
    """Returns the label under which the unit goes on from that fact on."""
    return None if fact.scan["step"] != "RELABEL" or is_drawn(fact.scan) else fact.after.belonging.alias_of


def _is_for(fact: Fact, kind: str) -> bool:
    return not _is_emptying(fact.scan) or (fact.scan["step"] == "UNPACK") == (kind == "container")


def _stays(unit: Unit) -> Iterator[Stay]:
    """Returns what the unit was in, and when: to the end of a millisecond in which it was drawn out or ended."""
    for kind in ("container", "parent"):
        holder, since, is_begun, heir = None, 0, False, unit.facts.heir
        for fact in (*unit.facts.ordered, None):
            is_due = fact is None or (heir is not None and fact.scan["event_time"] >= (heir.event_time or 0))
            if heir is not None and is_due and not is_begun:
                holder, since, is_begun = getattr(heir.belonging, kind), heir.event_time or 0, True
            if fact is None or not fact.has_effect:
                continue
            is_begun, after = True, getattr(fact.after.belonging.held, kind)
            if after == holder:
                continue
            at = fact.scan["event_time"] + (fact.is_derived or fact.after.state in unit.lifecycle.terminal)
            if holder is not None:
                yield kind, holder, since, at
            holder, since = after, at
        if holder is not None:
            yield kind, holder, since, _FOREVER


def _told(fact: Fact, kind: str, holder: str, member: str) -> Record:
    """Returns what a member is told of a move."""
    item, _, serial = member.rpartition("/")
    step, is_emptying = fact.scan["step"], _is_emptying(fact.scan)
    if not is_emptying and (kind == "parent" or step in _OWN_AFFAIRS):
        step = "OBSERVE"
    into = _into(fact)
    if into is not None:
        step = "PACK" if kind == "container" else "INSTALL"
    root = root_of(fact.scan) if fact.scan["origin"] == "DERIVED" else hash_of(fact.scan["scan_id"])
    name = hash_of(f"{fact.scan['scan_id']} {kind} {holder} {member}")
    blank = dict.fromkeys(fact.scan) | {"attributes": []}
    kept = {name: fact.scan[name] for name in ("event_time", "capture_time", "site", "destination", "document")}
    by = {"container" if kind == "container" else "other_unit": into or holder}
    told = {"scan_id": f"{root}{depth_of(fact.scan) + 1:02x}{name}", "item": item, "serial": serial, "step": step}
    return blank | kept | told | by | {"origin": "DERIVED"}
