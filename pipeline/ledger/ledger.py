"""One partition's ledger: every record gets the next ordinal, and with it a verdict, an act or a dead letter.

Flow: a Batch, the states of its units -> Outputs.

Nothing here knows Kafka or a disk: a memory brings the state of units, and what comes out is for the caller to keep. A
ledger whose outputs were not kept must be thrown away: it has moved on.
"""

import time
from collections.abc import Callable, Collection, Iterable

import numpy as np
import numpy.typing as npt

from pipeline.domain.compiled import RULES_VERSION
from pipeline.domain.decision import room_for_decisions, scratch
from pipeline.domain.enforce import Scans, enforce
from pipeline.domain.grouping import group
from pipeline.domain.lifecycle import Lifecycle
from pipeline.domain.papers import judge_papers
from pipeline.domain.reference import Entry, Reference
from pipeline.domain.unit_state import Units
from pipeline.domain.verdict import MISKEYED, NONE, REJECTED
from pipeline.ledger.batch import WHOLE, Batch, Most
from pipeline.ledger.columns import Columns, select
from pipeline.ledger.counting import count_outcomes
from pipeline.ledger.effects import tell_effects
from pipeline.ledger.internal import InternalRecords
from pipeline.ledger.memory import Memory, Overlay
from pipeline.ledger.outputs import POSITION_KEY, STREAMS, Outputs, Stream, entry_key
from pipeline.ledger.position import Position, encode_entry, encode_position
from pipeline.ledger.rare import alert_records, dead_letters, kept_key
from pipeline.ledger.runs import runs_of_scans
from pipeline.ledger.scans import contract_reasons, join_keys, make_facts, name_sites
from pipeline.ledger.scene import Scene
from pipeline.ledger.telling import Telling
from pipeline.ledger.watch import NOBODY, Judged, Watch
from pipeline.ledger.where import Where
from pipeline.wire import scan as field
from pipeline.wire.revision import Keys, encode_revisions
from pipeline.wire.scan import decode_scans
from pipeline.wire.unit import Summary, encode_units
from pipeline.wire.unit_decode import decode_units
from pipeline.wire.verdict import Bodies, Names, Origin, Stamp, encode_verdicts

Load = Callable[[list[bytes]], list[bytes | None]]


class Ledger:
    """The state of one partition between batches, units apart."""

    def __init__(
        self,
        where: Where,
        lifecycles: Iterable[Lifecycle],
        *,
        watch: Watch = NOBODY,
        streams: Collection[Stream] = STREAMS,
    ) -> None:
        """Begin with nothing accounted for.

        Args:
            where: the partition.
            lifecycles: in force before any was loaded.
            watch: is shown what the rules make of everything.
            streams: records of scans are made for these alone: a fold that nobody writes down needs the units only.
        """
        self.where = where
        self.position = Position()
        self.reference = Reference(lifecycles)
        self._watch, self._streams = watch, frozenset(streams)
        self._scratch = scratch()

    def restore(self, position: Position, entries: Iterable[Entry]) -> None:
        """Continue where a former owner stopped."""
        self.position = position
        self.reference.restore(position.reference_version, entries)

    def take_scans(self, batch: Batch, load: Load) -> Outputs:
        """Account for a batch of `scans`."""
        clock, outputs = _Clock(), Outputs(position=b"")
        ordinals = self._next_ordinals(len(batch))
        self.position.scans_next = int(batch.offsets[-1]) + 1
        units = self._account(outputs, batch, ordinals, load, clock, is_internal=False)
        outputs.records["units"].extend(*units)
        return self._close(outputs, clock)

    def take_internal(self, batch: Batch, memory: Memory, most: Most = WHOLE, *, scans: Batch | None = None) -> Outputs:
        """Account for a batch of `internal`: derived scans in runs, as those of `scans`, other records one by one.

        A move of much is told to many: `position.internal_next` says where the part ends that was taken. `scans` that
        wait meanwhile are accounted for after it, in the same outputs.
        """
        clock, outputs, overlay = _Clock(), Outputs(position=b""), Overlay(memory)
        others, taken = InternalRecords(self.where, self.reference, outputs, overlay, self._watch), 0
        for is_scans, first, end in runs_of_scans(batch.between(0, most.taken)):
            if is_scans:
                taken = end
                part, numbers = batch.between(first, end), self._next_ordinals(end - first)
                overlay.keep(*self._account(outputs, part, numbers, overlay.load, clock, is_internal=True))
            else:
                taken = first + others.take(batch.between(first, end), self.position.ordinal + 1, most.told)
                self.position.ordinal += taken - first
                clock.mark("internal")
            if taken < end or len(outputs.internal) >= most.told:
                break
        self.position.internal_next = int(batch.offsets[taken - 1]) + 1
        self.position.reference_version = self.reference.version
        if scans is not None:
            numbers, self.position.scans_next = self._next_ordinals(len(scans)), int(scans.offsets[-1]) + 1
            overlay.keep(*self._account(outputs, scans, numbers, overlay.load, clock, is_internal=False))
        changed = {key: value for key, value in overlay.changed.items() if value is not None}
        outputs.records["units"].extend(list(changed), list(changed.values()))
        outputs.gone = [key for key, value in overlay.changed.items() if value is None]
        return self._close(outputs, clock)

    def _account(
        self,
        outputs: Outputs,
        batch: Batch,
        ordinals: npt.NDArray[np.int64],
        load: Load,
        clock: "_Clock",
        *,
        is_internal: bool,
    ) -> tuple[list[bytes], list[bytes]]:
        """Decide scans of one input and add what comes of them; returns the units changed, keys and records."""
        topic = self.where.internal_topic if is_internal else self.where.scans_topic
        decoded = decode_scans(batch.values)
        good = np.flatnonzero(decoded.error == 0)
        if len(good) < len(batch):
            bad = np.flatnonzero(decoded.error)
            dead_letters(outputs, batch, decoded, ordinals, bad, topic, self.where.partition)
            batch = batch.select(good)
        columns = select(decoded, good)
        origin = Origin(batch.received_at, batch.offsets, ordinals[good])
        clock.mark("decode")
        if not len(good):
            return [], []
        judged = self._judge(columns, batch, origin, load, clock, is_internal=is_internal)
        self._watch.scans(judged)
        keys, values = self._write(outputs, batch, judged, topic, clock)
        kept = self._tell(outputs, batch, judged, load)
        clock.mark("tell")
        return keys + list(kept), values + list(kept.values())

    def _next_ordinals(self, count: int) -> npt.NDArray[np.int64]:
        first = self.position.ordinal + 1
        self.position.ordinal += count
        return np.arange(first, first + count, dtype=np.int64)

    def _judge(
        self, columns: Columns, batch: Batch, origin: Origin, load: Load, clock: "_Clock", *, is_internal: bool
    ) -> Judged:
        keys = join_keys(batch.keys)
        reasons = contract_reasons(columns, keys, batch.received_at, self.where, is_internal=is_internal)
        is_rejected = reasons != NONE
        clock.mark("contract")
        unit, first = group(*keys, is_rejected)
        sites = name_sites(columns, ~is_rejected, self.reference.sites)
        made = make_facts(columns, unit, sites, origin.ordinal)
        clock.mark("group")
        names = [batch.keys[i] or b"" for i in first.tolist()]
        incoming, linked = unit[unit >= 0], np.bincount(made.linked, minlength=len(first))
        units, loaded = decode_units(load(names), np.bincount(incoming, minlength=len(first)), linked)
        self._offer_lifecycles(names, units)
        if self.reference.modes.modes:
            units.places["modes"] = [self.reference.modes.class_of(name) for name in names]
        clock.mark("load")
        decided = room_for_decisions(len(reasons))
        decided.decisions["outcome"][is_rejected] = REJECTED
        decided.decisions["reason"] = reasons
        documents = self.reference.documents.sorted()
        if len(documents):
            judge_papers(documents, made.facts, made.asks, units)
        scans = Scans(made.facts, made.asks, columns.buffer, loaded)
        enforce(self.reference.rules(), self.reference.modes.cells, scans, units, decided, self._scratch)
        clock.mark("fold")
        return Judged(columns, units, loaded, unit, first, decided, origin, sites)

    def _offer_lifecycles(self, names: list[bytes], units: Units) -> None:
        """Give each unit without a lifecycle the one it will have with its first fact."""
        new = np.flatnonzero(units.heads["lifecycle"] == 0)
        units.places["lifecycle"][new] = [self.reference.lifecycle_of(names[u]) for u in new.tolist()]

    def _write(
        self, outputs: Outputs, batch: Batch, judged: Judged, topic: str, clock: "_Clock"
    ) -> tuple[list[bytes], list[bytes]]:
        columns, decided = judged.columns, judged.decided
        names = Names(*self.reference.state_texts(), *self.reference.sites.texts())
        bodies = Bodies(columns.buffer, columns.starts, columns.ends, columns.missing, judged.loaded)
        stamp = Stamp(RULES_VERSION, self.reference.version, topic, self.where.partition)
        keys = _unit_keys(columns, judged.first)
        count = int(decided.revision_count[0])
        revisions, rows = decided.revisions[:count], decided.revised[:count]
        unit_names = [batch.keys[i] or b"" for i in judged.first.tolist()]
        if "verdicts" in self._streams:
            verdicts = encode_verdicts(bodies, decided.decisions, names, judged.origin, stamp)
            outputs.records["verdicts"].extend(_verdict_keys(batch.keys, decided.decisions), verdicts)
        if "revisions" in self._streams:
            outputs.records["revisions"].extend(
                [unit_names[u] for u in revisions["unit"].tolist()],
                encode_revisions(keys, revisions, rows, names, judged.origin, stamp),
            )
        if "alerts" in self._streams:
            changes = decided.changes.rows[: decided.changes.filled[0]]
            stamped = (self.where.partition, self.reference.version)
            alert_records(outputs, changes, unit_names, judged.origin, columns, stamped)
        clock.mark("encode")
        which = np.flatnonzero(judged.units.places["changed"])
        summary = Summary(*self.reference.lifecycle_texts(), _last_ordinals(judged), self.where.partition)
        states = encode_units(judged.units, which, keys, names, summary, judged.loaded)
        count_outcomes(outputs.outcomes, decided.decisions)
        count_outcomes(outputs.revised, rows)
        clock.mark("units")
        return [unit_names[u] for u in which.tolist()], states

    def _tell(self, outputs: Outputs, batch: Batch, judged: Judged, load: Load) -> dict[bytes, bytes]:
        """Tell units of other partitions what concerns them; returns the moves to be kept."""
        effects = judged.decided.effects
        if not effects.counts.any():
            return {}
        names = [batch.keys[i] or b"" for i in judged.first.tolist()]
        columns = judged.columns
        scene = Scene(columns, columns.buffer, judged.loaded, judged.origin, names, judged.units, self.reference)
        return tell_effects(effects, scene, Telling(self.where, outputs.internal), load)

    def _close(self, outputs: Outputs, clock: "_Clock") -> Outputs:
        for entry in self.reference.take_changed():
            outputs.records["units"].add(entry_key(entry.kind, entry.name), encode_entry(entry))
        outputs.position = encode_position(self.position, self.reference)
        streams: list[Stream] = list(outputs.records)
        for stream in streams:
            outputs.records[stream].add(POSITION_KEY, outputs.position)
        outputs.seconds = clock.seconds
        return outputs


class _Clock:
    """Processor seconds by stage, for people to look at; no decision ever sees them."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.thread_time()

    def mark(self, stage: str) -> None:
        now = time.thread_time()
        self.seconds[stage] = self.seconds.get(stage, 0.0) + now - self._last
        self._last = now


def _verdict_keys(keys: list[bytes | None], decisions: npt.NDArray[np.void]) -> list[bytes]:
    """Return the scans' own keys, but for those that are no unit's."""
    verdict_keys = list(keys)
    for i in np.flatnonzero(decisions["reason"] == MISKEYED).tolist():
        verdict_keys[i] = kept_key(keys[i])
    return verdict_keys  # type: ignore[return-value]  # a null key is no unit's


def _unit_keys(columns: Columns, first: npt.NDArray[np.int64]) -> Keys:
    number, length = columns.number, columns.length
    item, serial = number[field.ITEM][first], number[field.SERIAL][first]
    return Keys(columns.buffer, item, length[field.ITEM][first], serial, length[field.SERIAL][first])


def _last_ordinals(judged: Judged) -> npt.NDArray[np.int64]:
    """Return for each unit the ordinal of the scan that touched it last: sequences rise, so the last write wins."""
    last = np.zeros(len(judged.first), np.int64)
    touched = np.flatnonzero(judged.decided.decisions["sequence"])
    last[judged.unit[touched]] = judged.origin.ordinal[touched]
    return last
