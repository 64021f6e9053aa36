"""The real fold and the real tables without a broker: what arrives is decided at once and stands in ClickHouse."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from pipeline.domain.routing import partition_of
from pipeline.ledger.batch import Batch
from pipeline.ledger.built_in import built_in_lifecycles
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.memory import Held
from pipeline.ledger.outputs import OWN_KEYS, Outputs
from pipeline.ledger.where import Where
from pipeline.proof.side import SideTables
from pipeline.warehouse.client import Warehouse
from pipeline.warehouse.inserts import Epoch, insert_epoch, insert_marks
from pipeline.warehouse.marks import STREAMS, Mark
from pipeline.wire.schemas import decode, encode
from tests.oracle.arrivals import SKEW_MS

_BEYOND = 1 << 60  # no row is there yet: none is looked for
Fields = dict[str, object]


class FoldedLedger:
    """One partition in a database of its own; times of arrival are the test's."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.warehouse = warehouse
        self._ledger = Ledger(Where(0, 1, SKEW_MS, "scans", "internal"), built_in_lifecycles())
        self._memory = Held()
        self._offsets = {"scans": 0, "internal": 0}
        self._epoch = Epoch(0, 1, "folded")
        self._tables: SideTables | None = None
        warehouse.command(insert_epoch(self._epoch))

    def ends(self) -> dict[int, int]:
        """Return the next offset of scans, as the log of this ledger."""
        return {0: self._offsets["scans"]}

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Write what comes of the block when it ends: one insert per table, not one per step."""
        self._tables = SideTables(self.warehouse, 0, _BEYOND)
        yield
        tables, self._tables = self._tables, None
        tables.finish()
        self._mark()

    def scans(self, keys: Sequence[bytes], values: Sequence[bytes], received_at: Sequence[int]) -> None:
        """Account for encoded scans, and for what the ledger tells itself because of them."""
        batch = self._batch("scans", keys, values, received_at)
        self._write(self._ledger.take_scans(batch, self._memory.load), received_at[-1] if len(received_at) else 0)

    def scan(self, fields: Fields, received_at: int) -> None:
        """Account for one scan."""
        item, serial = str(fields["item"]), str(fields["serial"])
        key = f"{item}/{serial}" if item else serial
        self.scans([key.encode()], [encode("scan", fields)], [received_at])

    def internal(self, record: Fields, received_at: int) -> Fields:
        """Account for a record of `internal`; return the act that came of it."""
        key = str(record["subject"]).encode()
        assert partition_of(key, 1) == 0
        acts = self._internal([key], [encode("internal", record)], received_at)
        return decode(acts[0])[1]

    def bad_bytes(self, value: bytes, received_at: int) -> None:
        """Account for a record that is no scan."""
        self.scans([b"k"], [value], [received_at])

    def _internal(self, keys: Sequence[bytes], values: Sequence[bytes], received_at: int) -> list[bytes]:
        batch = self._batch("internal", keys, values, [received_at] * len(values))
        outputs = self._ledger.take_internal(batch, self._memory)
        self._write(outputs, received_at)
        return outputs.records["acts"].values

    def _batch(self, topic: str, keys: Sequence[bytes], values: Sequence[bytes], received_at: Sequence[int]) -> Batch:
        first = self._offsets[topic]
        self._offsets[topic] += len(values)
        offsets = np.arange(first, first + len(values), dtype=np.int64)
        return Batch(list(keys), list(values), offsets, np.array(received_at, np.int64))

    def _write(self, outputs: Outputs, received_at: int) -> None:
        self._memory.keep_outputs(outputs)
        tables = self._tables or SideTables(self.warehouse, 0, _BEYOND)
        tables.add(outputs)
        units = outputs.records["units"]
        kept = [value for key, value in zip(units.keys, units.values, strict=True) if not key.startswith(OWN_KEYS)]
        tables.add_rows("units", [value for value in kept if value is not None])
        if self._tables is None:
            tables.finish()
            self._mark()
        if outputs.internal.keys:
            self._internal(outputs.internal.keys, outputs.internal.values, received_at)

    def _mark(self) -> None:
        position, offsets = self._ledger.position, self._offsets
        marks = [Mark(0, stream, position.ordinal, offsets["scans"], offsets["internal"], 1) for stream in STREAMS]
        self.warehouse.command(insert_marks(marks, self._epoch))
