"""The pipeline's ledger over arrivals, bytes in and out, cut into batches where one likes, with owners that change."""

from collections.abc import Callable, Sequence
from itertools import groupby

import numpy as np

from pipeline.ledger.batch import WHOLE, Batch
from pipeline.ledger.built_in import built_in_lifecycles
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.memory import Held
from pipeline.ledger.outputs import OWN_KEYS, POSITION_KEY, RANGE_KEYS, STREAMS, Outputs, Stream
from pipeline.ledger.position import decode_entry, decode_position
from pipeline.ledger.where import Where
from pipeline.wire.schemas import decode, encode
from tests.oracle.arrivals import SKEW_MS, Arrival
from tests.oracle.rules import Record

Columns = tuple[list[bytes | None], list[bytes | None], list[int]]
"""Keys, values and append times."""


class Ledgering:
    """One partition's ledger with a dict for a store and lists for topics."""

    def __init__(self, partitions: int = 1, partition: int = 0) -> None:
        self._where = Where(partition, partitions, SKEW_MS, "scans", "internal")
        self._ledger = Ledger(self._where, built_in_lifecycles())
        self._offsets = {True: 0, False: 0}
        self._memory = Held()
        self.written: dict[Stream, list[Record]] = {stream: [] for stream in STREAMS}
        self.most = WHOLE
        """See Ledger.take_internal."""
        self.sent: list[tuple[int, bytes, bytes]] = []
        """What was told to units of this and other partitions: partition, key and value."""

    def take(self, arrivals: Sequence[Arrival]) -> None:
        """Account for a batch of one topic."""
        self.take_bytes(
            [arrival.key for arrival in arrivals],
            [encode("scan" if arrival.is_scan else "internal", arrival.record) for arrival in arrivals],
            [arrival.received_at for arrival in arrivals],
            is_internal=arrivals[0].is_internal,
        )

    def take_bytes(
        self, keys: list[bytes | None], values: list[bytes | None], received_at: list[int], *, is_internal: bool
    ) -> Outputs:
        """Account for a batch of one topic as it lies there; returns the outputs of its last part."""
        batch = self._next(keys, values, received_at, is_internal=is_internal)
        if is_internal:
            return self._take_internal(batch)
        outputs = self._ledger.take_scans(batch, self._memory.load)
        self._write(outputs)
        return outputs

    def take_both(self, internal: Columns, scans: Columns) -> int:
        """Account for a batch of `internal`, and for scans beside its first part; returns how long that is."""
        batch = self._next(*internal, is_internal=True)
        self._write(
            self._ledger.take_internal(batch, self._memory, self.most, scans=self._next(*scans, is_internal=False))
        )
        taken = self._ledger.position.internal_next - int(batch.offsets[0])
        if taken < len(batch):
            self._take_internal(batch.between(taken, len(batch)))
        return taken

    def _next(
        self, keys: list[bytes | None], values: list[bytes | None], received_at: list[int], *, is_internal: bool
    ) -> Batch:
        first = self._offsets[is_internal]
        self._offsets[is_internal] += len(keys)
        offsets = np.arange(first, first + len(keys), dtype=np.int64)
        return Batch(keys, values, offsets, np.array(received_at, np.int64))

    def _take_internal(self, batch: Batch) -> Outputs:
        while True:
            outputs = self._ledger.take_internal(batch, self._memory, self.most)
            self._write(outputs)
            taken = self._ledger.position.internal_next - int(batch.offsets[0])
            if taken == len(batch):
                return outputs
            batch = batch.between(taken, len(batch))

    @property
    def kept(self) -> dict[bytes, bytes]:
        return self._memory.records

    def hand_over(self) -> None:
        """Let another owner continue with what is kept and nothing else."""
        entries = [decode_entry(value) for key, value in self.kept.items() if _is_entry(key)]
        self._ledger = Ledger(self._where, built_in_lifecycles())
        self._ledger.restore(decode_position(self.kept[POSITION_KEY]), entries)

    def units(self) -> dict[str, Record]:
        """Returns the units kept, without the fold's own bytes."""
        units = {key.decode(): decode(value)[1] for key, value in self.kept.items() if not key.startswith(OWN_KEYS)}
        own = ("version", "fold")
        return {key: {name: unit[name] for name in unit if name not in own} for key, unit in units.items()}

    def _write(self, outputs: Outputs) -> None:
        self._memory.keep_outputs(outputs)
        sent = outputs.internal
        self.sent += zip(sent.partitions(self._where.partitions), sent.keys, sent.values, strict=True)
        for stream, records in outputs.records.items():
            for key, value in zip(records.keys, records.values, strict=True):
                if not key.startswith(OWN_KEYS):
                    self.written[stream].append(decode(value)[1])


def ledger_of(
    arrivals: Sequence[Arrival],
    is_cut: Callable[[int], bool],
    is_handed_over: Callable[[int], bool],
    partitions: int = 1,
    partition: int = 0,
) -> Ledgering:
    """Returns the ledger after all arrivals, cut into batches and handed over before the ordinals chosen."""
    ledgering = Ledgering(partitions, partition)
    inputs = [arrival.is_internal for arrival in arrivals]
    batch_of, at = list[int](), 0
    for ordinal, is_internal in enumerate(inputs, start=1):
        at += ordinal > 1 and (is_internal != inputs[ordinal - 2] or is_cut(ordinal))
        batch_of.append(at)
    for _, places in groupby(range(len(arrivals)), batch_of.__getitem__):
        here = list(places)
        if here[0] and is_handed_over(here[0] + 1):
            ledgering.hand_over()
        ledgering.take([arrivals[place] for place in here])
    return ledgering


def _is_entry(key: bytes) -> bool:
    return key.startswith(OWN_KEYS) and not key.startswith((POSITION_KEY, RANGE_KEYS))
