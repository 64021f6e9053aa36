"""A unit that goes on with the life of a retired label: folded again whenever that life, or the label, is another.

Flow: the labels of a unit before and after a record -> the unit as it is then, revisions, alerts, what is told.
"""

import json
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from pipeline.domain.compiled import RULES_VERSION
from pipeline.domain.decision import Decided, room_for_decisions, scratch
from pipeline.domain.effects import BLANK, HEIR, HEIR_BEFORE, OWN
from pipeline.domain.expected import EXPECTED_MOST, expect
from pipeline.domain.facts import NOWHERE
from pipeline.domain.fold import fold_facts
from pipeline.domain.label import Label
from pipeline.domain.labels import keep_before, note_label, note_label_again
from pipeline.domain.links import ALIAS_LINK, MOST_ALIASES, tidy_links
from pipeline.domain.reference import Reference
from pipeline.domain.unit_state import Record
from pipeline.ledger.at_hand import OneUnit, UnitsAtHand
from pipeline.ledger.counting import count_outcomes
from pipeline.ledger.effects import tell_effects
from pipeline.ledger.lives import life_heard
from pipeline.ledger.memory import Overlay
from pipeline.ledger.outputs import Outputs
from pipeline.ledger.rare import alert_records
from pipeline.ledger.scene import Scene
from pipeline.ledger.telling import Telling
from pipeline.ledger.unit_records import encode_changed
from pipeline.ledger.watch import Watch
from pipeline.ledger.where import Where
from pipeline.wire.revision import encode_revisions
from pipeline.wire.unit_decode import decode_units
from pipeline.wire.verdict import Origin, Stamp

_NO_OFFSET: Final = -1


class Heirs:
    """Folds units again, and writes what comes of it."""

    def __init__(
        self,
        where: Where,
        reference: Reference,
        outputs: Outputs,
        watch: Watch,
        known: tuple[UnitsAtHand, Overlay, Telling],
    ) -> None:
        self._where, self._reference, self._outputs, self._watch = where, reference, outputs, watch
        self._units, self._overlay, self._telling = known
        self._scratch = scratch()

    def go_on(self, unit: OneUnit, before: Sequence[Label], after: Sequence[Label], at: tuple[int, int]) -> None:
        """Let a unit go on with the life of the first label, if with any, and note them all; `at`: ordinal and time."""
        lives, had_lot = self._scratch.lives, int(unit.units.places[0]["lot_start"])
        decided, cause = room_for_decisions(1), (0, 0, int(unit.head["sequence"]))
        has_news = _name_aliases(unit, after)
        keep_before(lives, unit.units, 0)
        was = int(unit.units.lives[0]["alias"])
        _take_lot(unit, before, after)
        if not unit.head["has_base"]:
            self._fold(unit, after, decided, cause)
        now = int(unit.units.lives[0]["alias"])
        if now and (has_news or not was):
            note_label(decided.effects, cause, unit.units, was)
        elif was:
            note_label_again(decided.effects, cause, unit.units, lives, had_lot)
        self._write(unit, decided, at)

    def expect(self, key: bytes, entries: Sequence[Sequence[int]], ordinal: int) -> None:
        """Let a unit be expected where its retired label is; it stays so where the label is not retired after all."""
        for entry in entries:  # few, and seldom: each finds room for one more
            units, loaded = decode_units(self._overlay.load([key]), np.zeros(1, np.int64))
            is_full = units.heads[0]["expected"] == EXPECTED_MOST  # what is told of the unit itself comes before
            if not is_full and expect(units, 0, *entry):
                at = (ordinal, self._where.partition)
                (record,) = encode_changed([key], units, np.zeros(1, np.int64), loaded, self._reference, at)
                self._overlay.put(key, record)

    def _fold(self, unit: OneUnit, labels: Sequence[Label], decided: Decided, cause: tuple[int, int, int]) -> None:
        lives, units, head = self._scratch.lives, unit.units, unit.head
        lives[OWN] = lives[HEIR_BEFORE] = lives[HEIR] = lives[BLANK]
        if head["heir"]:
            lives[HEIR_BEFORE] = units.bases[0]
        if labels:
            lives[HEIR] = self._life(unit, labels[0])
        if lives[HEIR].tobytes() == lives[HEIR_BEFORE].tobytes():
            return
        head["heir"], units.bases[0] = bool(labels), lives[HEIR]
        fold_facts(self._reference.rules(), self._reference.modes.cells, units, decided, self._scratch, cause, NOWHERE)

    def _life(self, unit: OneUnit, label: Label) -> Record:
        return life_heard(json.loads(label.content)["life"], unit, self._reference)

    def _write(self, unit: OneUnit, decided: Decided, at: tuple[int, int]) -> None:
        """Write revisions, changes of alerts, and what other units must be told."""
        records, version = self._outputs.records, self._reference.version
        offsets, received_at = np.array([_NO_OFFSET], np.int64), np.array([at[1]], np.int64)
        origin, count = Origin(received_at, offsets, np.array([at[0]], np.int64)), int(decided.revision_count[0])
        self._watch.again(decided, origin)
        revisions, rows = decided.revisions[:count], decided.revised[:count]
        stamp = Stamp(RULES_VERSION, version, self._where.internal_topic, self._where.partition)
        encoded = encode_revisions(unit.keys, revisions, rows, self._units.names(), origin, stamp)
        records["revisions"].extend([unit.key] * count, encoded)
        count_outcomes(self._outputs.revised, rows)
        changes = decided.changes.rows[: decided.changes.filled[0]]
        alert_records(self._outputs, changes, [unit.key], origin, None, (self._where.partition, version))
        place: dict[str, Any] = {"columns": None, "buffer": unit.keys.buffer, "loaded": unit.loaded, "origin": origin}
        scene = Scene(**place, names=[unit.key], units=unit.units, reference=self._reference)
        kept = tell_effects(decided.effects, scene, self._telling, self._overlay.load)
        self._overlay.keep(kept, kept.values())


def _name_aliases(unit: OneUnit, labels: Sequence[Label]) -> bool:
    """Mark the links of all labels retired for the unit, as far as it can know; returns whether they are others."""
    names: dict[str, None] = {}
    for label in labels:
        names |= dict.fromkeys((label.alias, *json.loads(label.content)["aliases"]))
    names.pop(unit.key.decode(), None)
    wanted = list(names)[:MOST_ALIASES]
    links, former = unit.units.links, set()
    for number in range(int(unit.head["links"])):
        text, is_former = unit.text_of(number + 1), links[number]["kind"] == ALIAS_LINK
        former |= {text} if is_former else set()
        links[number]["kind"] = ALIAS_LINK if text in wanted else 0
    tidy_links(unit.units, 0)  # else the new ones might not find room
    for name in wanted:
        links[unit.link_to(name) - 1]["kind"] = ALIAS_LINK
    return former != set(wanted)


def _take_lot(unit: OneUnit, before: Sequence[Label], after: Sequence[Label]) -> None:
    """Let the unit have the lot of the label whose life it goes on with, where it has none of its own."""
    own, given, gives = unit.lot, _lot_of(before), _lot_of(after)
    if own in (None, given) and gives != given:
        unit.give_lot(gives)


def _lot_of(labels: Sequence[Label]) -> str | None:
    lot = json.loads(labels[0].content)["life"]["lot"] if labels else None
    return None if lot is None else str(lot)
