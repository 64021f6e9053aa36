"""Every scan of a batch through the rules, in order: the heart of the ledger.

Flow: scans, the units they concern, rules -> decisions, revisions, changes of alerts; the units are changed in place.

The order of the rules is the table of the design's section 4; contract rejections never reach this module. The common
scan, last in order and no correction, takes a path that hands on records only: a record is a pointer when compiled,
while every array handed on costs a count of references (1.6 microseconds a scan before, 0.1 after).
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.domain.compiled import compiled
from pipeline.domain.decide import Rules, apply, decide
from pipeline.domain.decision import Decided, Scratch, note_after, note_before
from pipeline.domain.effects import MAY_MOVE, MOVES, STAYS, is_next_step, moves, note_changes, note_move
from pipeline.domain.facts import (
    has_moved,
    insert,
    is_forwarded,
    last_seen,
    place_of,
    was_applied,
)
from pipeline.domain.fold import count_evidence, fold_again
from pipeline.domain.forgetting import forget
from pipeline.domain.labels import keep_before, note_forward, note_label, note_label_again
from pipeline.domain.links import ALIAS_LINK, add_link, find_link
from pipeline.domain.scan import COMMISSION, RELABEL, VOID
from pipeline.domain.screen import answer, screen, touch
from pipeline.domain.slices import Bytes
from pipeline.domain.unit_state import (
    CORRECTING_FACT,
    MOVED_FACT,
    NEVER,
    PINNED_FACT,
    SELF_FACT,
    TAIL,
    WAS_EMPTY,
    Record,
    Units,
)
from pipeline.domain.verdict import (
    ACCEPTED,
    NONE,
    REDELIVERED,
    REJECTED,
    REPEATED,
    RETIRED_LABEL,
    SCAN_ID_REUSED,
)

UNLINKED: Final = -1


class Scans(NamedTuple):
    """The scans of one batch, in ordinal order: the fact each may leave, and what it asks beyond that.

    Shape: `buffer` is theirs, `loaded` that of the states: links lie in either.
    """

    facts: npt.NDArray[np.void]
    asks: npt.NDArray[np.void]
    buffer: Bytes
    loaded: Bytes


@compiled
def decide_last(
    rules: Rules, scan: Record, life: Record, lifecycle: int, modes: int, row: Record, is_again: bool, seen: int
) -> int:
    """Decide a scan that comes last in order, on the life as it is; returns whether it moves what is in the unit.

    `modes`: in force for such units at the scan's site.
    `is_again`: the unit has been drawn along on another way before.
    `seen`: when the unit was seen last, where the scan may begin its next life.
    """
    how = STAYS
    note_before(row, lifecycle, life)
    scan["before"] = life["state"]
    if scan["flags"] & PINNED_FACT:
        outcome, reason, after = REJECTED, SCAN_ID_REUSED, int(life["state"])
    elif is_again:
        outcome, reason, after = REPEATED, REDELIVERED, int(life["state"])
    else:
        outcome, reason, after = decide(rules, lifecycle, modes, life, scan, seen)
    scan["outcome"], scan["reason"], scan["after"] = outcome, reason, after
    row["outcome"], row["reason"] = outcome, reason
    if was_applied(scan):
        rule, custody = rules.rules[lifecycle, scan["before"], scan["step"]], life["custody"]
        apply(rule, life, scan)
        how = moves(rule, scan, row["before"], row["previous_site"], custody, life)
    note_after(row, life)
    return how


@compiled
def count_decision(scan: Record, ask: Record, head: Record, place: Record, row: Record) -> None:
    """Count the decision, and keep the lot: of the first applied scan that states one, or of a correction."""
    if row["outcome"] == REJECTED:
        head["rejected"] += 1
    elif row["outcome"] != REPEATED:
        head["applied"] += 1
        may_give = place["lot_length"] < 0 or scan["flags"] & CORRECTING_FACT
        has_effect = scan["step"] != VOID and row["reason"] != RETIRED_LABEL
        if ask["lot_length"] >= 0 and has_effect and may_give:
            place["lot_start"], place["lot_length"] = ask["lot_start"], ask["lot_length"]
    row["lot_start"], row["lot_length"] = place["lot_start"], place["lot_length"]


@compiled
def look_up(scans: Scans, units: Units, i: int, u: int) -> None:
    """Give a scan the number of the link that it names; UNLINKED where the unit has not met it."""
    head, ask = units.heads[u], scans.asks[i]
    links = units.links[units.places[u]["first_link"] :]
    texts = (scans.buffer, scans.loaded)
    found = find_link(links, head["links"], texts, ask["link_start"], ask["link_length"])
    scans.facts[i]["link"] = found if found > 0 else UNLINKED
    if found > 0 and scans.facts[i]["step"] == RELABEL and links[found - 1]["kind"] == ALIAS_LINK:
        scans.facts[i]["flags"] |= SELF_FACT


@compiled
def keep_link(scans: Scans, units: Units, i: int, u: int) -> None:
    """Keep the link of a scan that becomes a fact; one under a scan_id of another has no say."""
    scan, ask = scans.facts[i], scans.asks[i]
    if scan["flags"] & PINNED_FACT:
        scan["link"] = 0
    elif scan["link"] == UNLINKED:
        scan["link"] = add_link(units, u, ask["link_start"], ask["link_length"])


@compiled
def enforce(  # noqa: C901, PLR0912, PLR0915  one loop: arrays handed on cost a count of references each
    rules: Rules, modes: npt.NDArray[np.int64], scans: Scans, units: Units, decided: Decided, scratch: Scratch
) -> None:
    """Decide every scan of a batch in order: for each, the first row of the table that matches.

    Shape: see Scans, Units and Decided, which are changed in place; `modes` as ModeTable.cells.
    Source: design, sections 4 and 6.
    """
    for i in range(len(scans.asks)):
        ask = scans.asks[i]
        u = ask["unit"]
        if u < 0:
            continue
        scan, row, place = scans.facts[i], decided.decisions[i], units.places[u]
        head, life, base = units.heads[u], units.lives[u], units.bases[u]
        count = head["facts"]
        facts = units.facts[place["first"] : place["first"] + count + 1]
        lifecycle = head["lifecycle"] if head["lifecycle"] else place["lifecycle"]
        if ask["link_length"] > 0:
            look_up(scans, units, i, u)
        reason = screen(rules.windows, lifecycle, facts, scan, ask, row, head, base, place)
        if reason != NONE:
            answer(row, head, life, place, reason)
            continue

        if ask["link_length"] > 0:
            keep_link(scans, units, i, u)
        if scan["step"] == COMMISSION and head["members"] == 0:
            scan["empty"] = WAS_EMPTY if rules.windows[lifecycle]["reuse_ms"] > 0 else 0
        head["lifecycle"] = lifecycle
        head["facts"] = count + 1
        touch(row, head, place)
        at = place_of(rules.rules, lifecycle, facts, count, scan)
        was_retired, had_lot = int(life["alias"]), place["lot_start"]
        is_early = head["heir"] != 0 and scan["event_time"] < base["event_time"]
        is_folded = at != count or (scan["flags"] & CORRECTING_FACT) != 0 or is_early
        if not is_folded:
            container, parent = int(life["container"]), int(life["parent"])
            is_again = scan["depth"] != 0 and has_moved(facts, count, scan)
            in_force = 0
            if place["modes"] != 0:
                in_force = modes[place["modes"], rules.sites[scan["site"]]["column"]]
            seen = NEVER
            if scan["empty"] != 0:
                seen = last_seen(facts, count, place["sighted"], scan["event_time"])
            how = decide_last(rules, scan, life, lifecycle, in_force, row, is_again, seen)
            if how == MOVES or (how == MAY_MOVE and is_next_step(rules.rules, lifecycle, facts, count, scan)):
                scan["flags"] |= MOVED_FACT
                if head["edges"] != 0 or rules.windows[lifecycle]["holds"] != 0:
                    note_move(decided.effects, (i, u, row["sequence"]), units, scan, head["edges"], True)
            if was_retired != 0 and is_forwarded(scan):
                note_forward(decided.effects, (i, u, row["sequence"]), units, scan, was_retired, True, True)
            if life["container"] != container or life["parent"] != parent or life["alias"] != was_retired:
                note_changes(decided.effects, (i, u, row["sequence"]), units, rules.rules, (container, parent), scan)
            facts[count] = scan
            if row["outcome"] != ACCEPTED:
                count_evidence(decided.changes, units.alerts[u], (i, u, row["sequence"]), facts[count])
        else:
            if was_retired != 0:
                keep_before(scratch.lives, units, u)
            insert(facts, count, at, scan)
            fold_again(rules, modes, units, decided, scratch, (i, u, row["sequence"]), at)
        count_decision(scan, ask, head, place, row)
        if was_retired == 0 and life["alias"] != 0:
            note_label(decided.effects, (i, u, row["sequence"]), units, 0)
        elif was_retired != 0 and is_folded:
            note_label_again(decided.effects, (i, u, row["sequence"]), units, scratch.lives, had_lot)
        if head["facts"] > TAIL:
            forget(rules, scratch.lives, units, u, facts)
