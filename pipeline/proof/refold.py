"""A fresh fold of everything a partition has accounted for, compared byte for byte with what was decided then.

Flow: scans and acts from ClickHouse in ordinal order, through the ledger -> verdicts, revisions, alerts, acts, units
again -> problems.

What was decided under rules that this code does not know is listed, and so is everything of the units it touched.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np

from pipeline.domain.compiled import RULES_VERSION
from pipeline.ledger.batch import Batch
from pipeline.ledger.built_in import built_in_lifecycles
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.memory import Held
from pipeline.ledger.outputs import OWN_KEYS, RANGE_KEYS, Outputs
from pipeline.ledger.where import Where
from pipeline.proof.compare import Difference, compare
from pipeline.proof.export import export_bodies
from pipeline.proof.report import Report
from pipeline.proof.verdicts import WrittenVerdicts
from pipeline.proof.written import Memory
from pipeline.warehouse.client import Warehouse
from pipeline.warehouse.inserts import Span
from pipeline.warehouse.tables import Table, table_of
from pipeline.wire.body import decode_body
from pipeline.wire.framing import FRAME_BYTES, frame
from pipeline.wire.schemas import catalogue, encode

_ORDINALS_AT_ONCE = 20_000
_SCANS = """
SELECT ordinal, offset, toUnixTimestamp64Milli(received_at), topic, if(item = '', serial, concat(item, '/', serial)),
    rules_version, reason = 'MISKEYED'
FROM unit_events WHERE {where} ORDER BY ordinal LIMIT 1 BY ordinal
"""
_ACTS = """
SELECT ordinal, offset, toUnixTimestamp64Milli(received_at), subject, rules_version, id, kind, base, author, content
FROM acts WHERE {where} ORDER BY ordinal LIMIT 1 BY ordinal
"""


class Taken(NamedTuple):
    """One record of the inputs, as ClickHouse remembers it."""

    ordinal: int
    offset: int
    received_at: int
    is_internal: bool
    """Its topic, whatever it is: derived scans come in `internal`."""
    key: bytes | None
    value: bytes


class Refold:
    """The ledger of one partition, run again from its first record."""

    def __init__(self, warehouse: Warehouse, report: Report, where: Where) -> None:
        self._warehouse, self._report, self._where = warehouse, report, where
        self._ledger = Ledger(where, built_in_lifecycles())
        self._memory = Held()
        self._foreign: set[str] = set()
        """Units, and other subjects of findings, touched by rules that this code does not know."""

    def run(self, last: int, memory: Memory, written: WrittenVerdicts) -> None:
        """Fold every ordinal up to `last` again; compare what comes out, at the end with the framed units written.

        The rows that verdicts are compared with are compared with what was written of them, too: they are read once.
        """
        for after in range(0, last, _ORDINALS_AT_ONCE):
            self._run_span(Span(after, min(after + _ORDINALS_AT_ONCE, last)), written)
        self._report.compared("fold", len(memory.units) + len(memory.ranges))
        kept = self._memory.records.items()
        fresh = [value[FRAME_BYTES:] for key, value in kept if not key.startswith(OWN_KEYS)]
        stored = [catalogue().translate("unit", value)[FRAME_BYTES:] for value in memory.units.values()]
        self._tell(table_of("units"), fresh, stored)
        self._tell_ranges(memory.ranges)

    def _run_span(self, span: Span, written: WrittenVerdicts) -> None:
        fresh: dict[str, list[bytes]] = {"verdicts": [], "revisions": [], "alerts": [], "acts": []}
        for batch in _batches(self._taken(span)):
            self._ledger.position.ordinal = batch[0].ordinal - 1
            outputs = self._take(batch)
            for stream, bodies in fresh.items():
                own = frame(catalogue().id(table_of(stream).record))
                values = outputs.records[stream].values  # type: ignore[index]  # a stream by any other type
                bodies += [value[FRAME_BYTES:] for value in values if value.startswith(own)]
        for stream, bodies in fresh.items():
            table = table_of(stream)
            stored = export_bodies(
                self._warehouse, table, span.covers(table.range_by, self._where.partition), _order(table)
            )
            if stream == "verdicts":
                written.check(self._report, span, stored)
            self._report.compared("fold", len(bodies))
            self._tell(table, bodies, stored)

    def _take(self, batch: Sequence[Taken]) -> Outputs:
        columns = Batch(
            keys=[one.key for one in batch],
            values=[one.value for one in batch],
            offsets=np.array([one.offset for one in batch], np.int64),
            received_at=np.array([one.received_at for one in batch], np.int64),
        )
        if batch[0].is_internal:
            outputs = self._ledger.take_internal(columns, self._memory)
        else:
            outputs = self._ledger.take_scans(columns, self._memory.load)
        self._memory.keep_outputs(outputs)
        return outputs

    def _taken(self, span: Span) -> list[Taken]:
        """Return the records of a span: a scan whose key was wrong gets no key, so it is wrong again."""
        internal, where = self._where.internal_topic, span.covers("ordinal", self._where.partition)
        scan_frame = frame(catalogue().id("scan"))
        rows = self._warehouse.query_rows(_SCANS.format(where=where))
        bodies = export_bodies(self._warehouse, table_of("verdicts"), where, "ordinal LIMIT 1 BY ordinal", "scan.")
        taken = [
            Taken(ordinal, offset, received_at, topic == internal, None if wrong else key.encode(), scan_frame + body)
            for (ordinal, offset, received_at, topic, key, _, wrong), body in zip(rows, bodies, strict=True)
        ]
        self._foreign |= {row[4] for row in rows if row[5] != RULES_VERSION}
        for ordinal, offset, received_at, subject, rules, *rest in self._warehouse.query_rows(
            _ACTS.format(where=where)
        ):
            names = ("id", "kind", "base", "author", "content")
            value = encode("internal", dict(zip(names, rest, strict=True)) | {"subject": subject, "sent_at": 0})
            taken.append(Taken(ordinal, offset, received_at, True, subject.encode(), value))
            self._foreign |= {subject.removeprefix("unit:")} if rules != RULES_VERSION else set()
        return sorted(taken)

    def _tell(self, table: Table, fresh: list[bytes], stored: list[bytes]) -> None:
        difference = compare(fresh, stored)
        if self._foreign and len(difference):
            known = Difference(*([body for body in side if not self._is_foreign(table, body)] for side in
                                 (difference.missing, difference.unexpected)))  # fmt: skip
            self._report.listed("fold", len(difference) - len(known))
            difference = known
        names = difference.names(table)
        self._report.found(
            "fold", self._where.partition, f"{table.name} is not what the fold makes", names, len(difference)
        )

    def _tell_ranges(self, stored: dict[bytes, bytes]) -> None:
        """Compare who is in whom and the alerts of findings; rules that this code does not know may say otherwise."""
        fresh = {key: value for key, value in self._memory.records.items() if key.startswith(RANGE_KEYS)}
        different = sorted(key for key in {*fresh, *stored} if fresh.get(key) != stored.get(key))
        if self._foreign:
            self._report.listed("fold", len(different))
            return
        names = (key.removeprefix(RANGE_KEYS).replace(b"\0", b" ").decode() for key in different)
        self._report.found("fold", self._where.partition, "not what the fold makes", names, len(different))

    def _is_foreign(self, table: Table, body: bytes) -> bool:
        record = decode_body(catalogue().version(table.record).parsed, body)
        scan = record.get("scan", record)
        key = record.get("key") or str(record.get("subject", "")).removeprefix("unit:")
        return (key or "/".join(part for part in (scan["item"], scan["serial"]) if part)) in self._foreign


def _batches(taken: Sequence[Taken]) -> Iterator[list[Taken]]:
    """Cut where the input changes, and where an ordinal belongs to a dead letter."""
    runs = groupby(enumerate(taken), key=lambda placed: (placed[1].is_internal, placed[1].ordinal - placed[0]))
    for _, run in runs:
        yield [one for _, one in run]


def _order(table: Table) -> str:
    return ", ".join(dict.fromkeys((table.range_by, *table.identity)))
