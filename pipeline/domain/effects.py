"""What a fold changes for other units: moves that members follow, memberships that begin and end.

Flow: a unit's facts before and after a fold -> rows, each caused by one scan of the batch; pipeline/ledger/effects.py
tells them. What a retired label brings about for the unit under which it goes on is in `labels`.

At equal times own scans come first, then derived ones, then what ends a life, own ends first (facts.place_of). A
membership that a derived scan or the end of a life ends therefore includes that very time: whether a member follows a
move depends on nothing that the move itself can bring about, so that every order of arrival leads to the same place.
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.domain.compiled import compiled
from pipeline.domain.derived_id import MOST_DEPTH, hops_of
from pipeline.domain.facts import Facts, was_applied
from pipeline.domain.membership import container_after, ends_life, is_derived, parent_after, relabels
from pipeline.domain.scan import OBSERVE, REMOVE, UNPACK
from pipeline.domain.spans import FOREVER
from pipeline.domain.unit_state import FACT, LIFE, MOVED_FACT, SELF_FACT, TAIL, Record, Units

MOVE: Final = np.dtype(
    [
        ("scan", "i4"),
        ("unit", "i4"),
        ("holds", "i1"),
        ("is_own", "i1"),
        ("fans", "i1"),
        ("other_start", "i8"),
        ("other_length", "i4"),  # of the unit that the fact's scan names
        ("heir_start", "i8"),
        ("heir_length", "i4"),  # of the unit that it is forwarded to; 0: it is a move
    ],
    align=True,
)
"""A fact that has become a move or is forwarded, or no longer so; whether it is the scan's own, whether it fans out."""
STAY: Final = np.dtype(
    [
        ("scan", "i4"),
        ("unit", "i4"),
        ("sequence", "i4"),
        ("link_length", "i4"),
        ("link_start", "i8"),  # of the other unit's key, as in unit_state.LINK
        ("begin", "i8"),
        ("end", "i8"),
        ("came", "i1"),  # 0: the unit was not in it in that span after all
        ("is_part", "i1"),
    ],
    align=True,
)
"""A span of time in which a unit is known to have been in another, or part of it, or is known no longer."""
LABEL: Final = np.dtype(
    [
        ("scan", "i4"),
        ("unit", "i4"),
        ("sequence", "i4"),
        ("lot_length", "i4"),  # -1: none
        ("lot_start", "i8"),
        ("heir_length", "i4"),  # 0: it goes on under none
        ("heir_start", "i8"),
        ("former_length", "i4"),  # under which it went on before, where that was another
        ("former_start", "i8"),
        ("container_length", "i4"),
        ("container_start", "i8"),
        ("parent_length", "i4"),
        ("parent_start", "i8"),
    ],
    align=True,
)
"""A unit that goes on under another label, or does so no longer, and what it was in when it was retired."""
_BREAKS: Final = 2 * TAIL + 8
NOW, FORMER, BLANK, OWN, HEIR_BEFORE, HEIR, BEFORE = range(7)
"""Lives of one fold (decision.Scratch): as it is and as it was decided, one without anything, the base, what is taken
over from a retired label before and after, as the unit was."""
STAYS, MAY_MOVE, MOVES = range(3)


class Effects(NamedTuple):
    """Rows in the order in which they came to be.

    Shape: `moves` MOVE and `facts` FACT row by row, `counts[0]` of them; `stays` STAY, `counts[1]`; `labels` LABEL and
    `lives` LIFE, as the labels were retired, `counts[2]`.
    """

    moves: npt.NDArray[np.void]
    facts: npt.NDArray[np.void]
    stays: npt.NDArray[np.void]
    labels: npt.NDArray[np.void]
    lives: npt.NDArray[np.void]
    counts: npt.NDArray[np.int64]


def room_for_effects(count: int) -> Effects:
    """Return room for what `count` scans can bring about; memory that is never touched is never taken."""
    most = count * (TAIL + 1)
    moves, facts = np.empty(2 * most, MOVE), np.empty(2 * most, FACT)
    labels, lives = np.empty(count, LABEL), np.empty(count, LIFE)
    return Effects(moves, facts, np.empty(4 * most, STAY), labels, lives, np.zeros(3, np.int64))


class Timelines(NamedTuple):
    """Room for what a unit was in, before and after a fold: links by the time from which on they hold.

    Shape: `starts` and `links` int64[2 before and after, 2 container and parent, break]; `counts` int64[2, 2].
    """

    starts: npt.NDArray[np.int64]
    links: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]


def room_for_timelines() -> Timelines:
    """Return room for one unit at a time."""
    return Timelines(
        np.zeros((2, 2, _BREAKS), np.int64), np.zeros((2, 2, _BREAKS), np.int64), np.zeros((2, 2), np.int64)
    )


@compiled
def moves(rule: Record, fact: Record, state: int, site: int, custody: int, life: Record) -> int:
    """Return whether an applied fact moves what is in the unit, by state, site and custody before it and life after it.

    A step that carries moves where it changes any of them; emptying, and another label, are always told. Another step
    than OBSERVE may move though it changes nothing that is known of the unit: see `is_next_step`.
    """
    if fact["flags"] & SELF_FACT and (fact["step"] == UNPACK or fact["step"] == REMOVE):  # noqa: PLR1714  no tuple
        return MOVES
    if relabels(fact):
        return MOVES
    if rule["carries"] == 0:
        return STAYS
    if life["state"] != state or life["site"] != site or life["custody"] != custody:
        return MOVES
    return STAYS if fact["step"] == OBSERVE else MAY_MOVE


@compiled
def is_next_step(rules: npt.NDArray[np.void], lifecycle: int, facts: Facts, count: int, scan: Record) -> bool:
    """Whether a step that carries is another than the one before: a pallet has fewer states than what is on it.

    So reads of a unit that stays where it is move nothing, however many.
    """
    for j in range(count - 1, -1, -1):
        fact = facts[j]
        carries = rules[lifecycle, fact["before"], fact["step"]]["carries"] != 0
        if carries and fact["step"] != OBSERVE and was_applied(fact):
            return bool(fact["step"] != scan["step"])
    return True


@compiled
def set_moved(fact: Record, is_moving: bool) -> bool:
    """Note on a fact whether it is a move; returns whether that is news."""
    if ((fact["flags"] & MOVED_FACT) != 0) == is_moving:
        return False
    fact["flags"] = (fact["flags"] | MOVED_FACT) if is_moving else (fact["flags"] & ~MOVED_FACT)
    return True


@compiled
def note_move(
    effects: Effects, cause: tuple[int, int, int], units: Units, fact: Record, fans: int, is_own: bool
) -> None:
    """Note a fact that has become a move or is none any more, where somebody follows or may come to follow it."""
    if hops_of(fact["depth"]) >= MOST_DEPTH:
        return
    at = effects.counts[0]
    row = effects.moves[at]
    row["scan"], row["unit"] = cause[0], cause[1]
    row["holds"] = (fact["flags"] & MOVED_FACT) != 0
    row["is_own"], row["fans"] = is_own, fans
    row["other_start"], row["other_length"] = text_of(units, cause[1], fact["link"])
    row["heir_start"], row["heir_length"] = 0, 0
    effects.facts[at] = fact
    effects.counts[0] = at + 1


@compiled
def text_of(units: Units, u: int, link: int) -> tuple[int, int]:
    """Return where the text of a link lies, and its length; 0 for no link."""
    if link == 0:
        return 0, 0
    text = units.links[units.places[u]["first_link"] + link - 1]
    return int(text["start"]), int(text["length"])


@compiled
def note_stay(
    effects: Effects,
    cause: tuple[int, int, int],
    units: Units,
    link: int,
    span: tuple[int, int],
    came: bool,
    is_part: int,
) -> None:
    """Note that the unit was in another in a span of time, or was not after all."""
    at = effects.counts[1]
    row, u = effects.stays[at], cause[1]
    row["scan"], row["unit"], row["sequence"] = cause
    row["link_start"], row["link_length"] = text_of(units, u, link)
    row["begin"], row["end"] = span
    row["came"], row["is_part"] = came, is_part
    effects.counts[1] = at + 1


@compiled
def ends_at(fact: Record, is_end: bool) -> int:
    """Return the time from which on what a fact changes of its unit's memberships holds."""
    time = int(fact["event_time"])
    return time + 1 if is_derived(fact) or is_end else time


@compiled
def note_changes(
    effects: Effects,
    cause: tuple[int, int, int],
    units: Units,
    rules: npt.NDArray[np.void],
    before: tuple[int, int],
    scan: Record,
) -> None:
    """Note what the last scan in order changes of its unit's memberships; `before` are its links until then."""
    u = cause[1]
    life, lifecycle = units.lives[u], units.heads[u]["lifecycle"]
    after = int(life["container"]), int(life["parent"])
    if life["alias"] != 0:
        after = 0, 0
    span = (ends_at(scan, ends_life(rules[lifecycle, scan["before"], scan["step"]], scan)), FOREVER)
    for is_part in range(2):
        if before[is_part] == after[is_part]:
            continue
        if before[is_part] != 0:
            note_stay(effects, cause, units, before[is_part], span, False, is_part)
        if after[is_part] != 0:
            note_stay(effects, cause, units, after[is_part], span, True, is_part)


@compiled
def _add_break(lines: Timelines, side: int, is_part: int, start: int, link: int) -> None:
    at = lines.counts[side, is_part]
    if lines.links[side, is_part, at - 1] == link:
        return
    start = max(start, lines.starts[side, is_part, at - 1])
    if lines.starts[side, is_part, at - 1] == start:
        at -= 1
    lines.starts[side, is_part, at], lines.links[side, is_part, at] = start, link
    lines.counts[side, is_part] = at + 1


@compiled
def draw(
    lines: Timelines,
    side: int,
    rules: npt.NDArray[np.void],
    units: Units,
    u: int,
    facts: Facts,
    but: int,
    lives: npt.NDArray[np.void],
) -> None:
    """Draw what a unit was in over its facts as they were last decided, one of them left out; `lives`: see NOW."""
    head, own, heir = units.heads[u], lives[OWN], lives[HEIR_BEFORE + side]
    lifecycle, is_begun, is_retired = head["lifecycle"], own["state"] != 0, own["alias"] != 0
    container, parent = (0, 0) if is_retired else (int(own["container"]), int(own["parent"]))
    for is_part, link in ((0, container), (1, parent)):
        lines.counts[side, is_part] = 1
        lines.starts[side, is_part, 0], lines.links[side, is_part, 0] = -1, link
    if head["links"] == 0:
        return
    for j in range(len(facts) + 1):
        is_last = j == len(facts)
        if not is_begun and heir["state"] != 0 and (is_last or facts[j]["event_time"] >= heir["event_time"]):
            is_begun, container, parent = True, int(heir["container"]), int(heir["parent"])
            _add_break(lines, side, 0, heir["event_time"], container)
            _add_break(lines, side, 1, heir["event_time"], parent)
        if is_last or j == but or not was_applied(facts[j]):
            continue
        fact = facts[j]
        is_end = ends_life(rules[lifecycle, fact["before"], fact["step"]], fact)
        start, is_begun = ends_at(fact, is_end), True
        container, parent = container_after(container, fact, is_end), parent_after(parent, fact, is_end)
        is_retired = is_retired or relabels(fact)
        _add_break(lines, side, 0, start, 0 if is_retired else container)
        _add_break(lines, side, 1, start, 0 if is_retired else parent)


@compiled
def note_differences(effects: Effects, cause: tuple[int, int, int], units: Units, lines: Timelines) -> None:
    """Note where the two timelines differ."""
    for is_part in range(2):
        i, j, begin = 0, 0, -1
        counts = lines.counts[0, is_part], lines.counts[1, is_part]
        while i < counts[0] and j < counts[1]:
            before_end = lines.starts[0, is_part, i + 1] if i + 1 < counts[0] else FOREVER
            after_end = lines.starts[1, is_part, j + 1] if j + 1 < counts[1] else FOREVER
            end = min(before_end, after_end)
            before, after = lines.links[0, is_part, i], lines.links[1, is_part, j]
            if before != after and begin < end:
                if before != 0:
                    note_stay(effects, cause, units, before, (begin, end), False, is_part)
                if after != 0:
                    note_stay(effects, cause, units, after, (begin, end), True, is_part)
            begin = end
            i += before_end == end
            j += after_end == end
