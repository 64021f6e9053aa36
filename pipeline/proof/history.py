"""What a partition has accounted for, out of ClickHouse in the order of its ordinals, in columns.

Flow: unit_events and acts, a span of ordinals at a time -> stretches of one input, as batches that a ledger takes.

`unit_events` lies in the order of units, so a span is read as it lies there and put in order here: that costs a third
of what ClickHouse's own sorting does. Ordinals that belong to dead letters are holes between two stretches.
"""
# ruff: noqa: S608

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import merge
from typing import Final, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from pipeline.domain.compiled import RULES_VERSION
from pipeline.domain.verdict import OUTCOMES, REASONS
from pipeline.ledger.batch import Batch
from pipeline.proof.export import columns_of, export_rows
from pipeline.warehouse.client import Warehouse
from pipeline.warehouse.inserts import Span
from pipeline.warehouse.tables import table_of
from pipeline.wire.framing import frame
from pipeline.wire.rows import Rows, read_rows
from pipeline.wire.schemas import catalogue, encode

Numbers = npt.NDArray[np.int64]

_SPAN_ORDINALS: Final = 400_000
_BATCH_RECORDS: Final = 50_000

(ORDINAL, OFFSET, RECEIVED_AT, IS_INTERNAL, OUTCOME, REASON, SEQUENCE, IS_FOREIGN) = range(8)
"""Columns of a verdict as first decided, beside its scan."""

_KEY: Final = "if(reason = 'MISKEYED', '', if(item = '', toString(serial), concat(toString(item), '/', serial)))"
_SENT: Final = ("id", "kind", "subject", "base", "author", "content")


@dataclass(frozen=True)
class Act:
    """What is known of a record of `internal` that is no scan."""

    kind: str
    content: str
    reference_version: int
    """In force after it."""
    is_foreign: bool


@dataclass(frozen=True)
class Stretch:
    """Consecutive ordinals, from `first` on, of one input; scans or acts."""

    first: int
    is_internal: bool
    batch: Batch
    verdicts: Numbers = field(default_factory=lambda: np.empty((8, 0), np.int64))
    """(columns, scans): as first decided; empty where these are acts."""
    acts: Sequence[Act] = ()

    def __len__(self) -> int:
        """Return how many ordinals these are."""
        return len(self.batch)


class _Act(NamedTuple):
    ordinal: int
    offset: int
    received_at: int
    key: bytes
    value: bytes
    told: Act


class Stretches(Protocol):
    """What a fold reads: a partition's history, from wherever it comes."""

    def stretches(self, last: int, cuts: Collection[int] = ()) -> Iterator[Stretch]:
        """Yield everything up to an ordinal.

        Args:
            last: the last ordinal.
            cuts: ordinals at which a stretch begins, whatever there is.
        """


class History:
    """The scans and acts of one partition, as ClickHouse holds them."""

    def __init__(self, warehouse: Warehouse, partition: int, scans_topic: str) -> None:
        self.partition = partition
        self._warehouse, self._topic = warehouse, scans_topic

    def stretches(self, last: int, cuts: Collection[int] = ()) -> Iterator[Stretch]:
        """Yield everything up to an ordinal, as `Stretches` says."""
        for after in range(0, last, _SPAN_ORDINALS):
            span = Span(after, min(after + _SPAN_ORDINALS, last))
            yield from self._span(span, np.array(sorted(cuts), np.int64))

    def _span(self, span: Span, cuts: Numbers) -> Iterator[Stretch]:
        scans, acts = self._scans(span), self._acts(span)
        begins = _begins(scans.numbers, cuts).tolist()
        pairs = zip(begins, [*begins[1:], len(scans)], strict=False)
        of_scans = (
            _of_scans(scans.between(begin, end)) for begin, end in pairs
        )  # keys are cut only when it is their turn
        yield from merge(of_scans, _of_acts(acts, cuts), key=lambda stretch: stretch.first)

    def _scans(self, span: Span) -> Rows:
        numbers = (
            "toInt64(ordinal)",
            "toInt64(offset)",
            "toUnixTimestamp64Milli(received_at)",
            f"toInt64(topic != '{self._topic}')",
            index_of("outcome", OUTCOMES),
            index_of("reason", REASONS),
            "toInt64(sequence)",
            f"toInt64(rules_version != '{RULES_VERSION}')",
        )
        told = ", ".join(f"{number} AS told_{at}" for at, number in enumerate(numbers))
        scan = ", ".join(columns_of(table_of("verdicts"), "scan."))
        where = span.covers("ordinal", self.partition)
        sql = f"SELECT {_KEY} AS told_key, {told}, {scan} FROM unit_events WHERE {where}"
        rows = read_rows(export_rows(self._warehouse, sql), len(numbers), frame(catalogue().id("scan")))
        order = np.argsort(rows.numbers[ORDINAL], kind="stable")
        ordinals = rows.numbers[ORDINAL, order]
        return rows.take(order[np.append(True, np.diff(ordinals) > 0)[: len(order)]])  # one of each, if there are two

    def _acts(self, span: Span) -> list[_Act]:
        rows = self._warehouse.query_rows(
            f"SELECT ordinal, offset, toUnixTimestamp64Milli(received_at), reference_version, rules_version,"
            f" {', '.join(_SENT)} FROM acts WHERE {span.covers('ordinal', self.partition)}"
            " ORDER BY ordinal LIMIT 1 BY ordinal"
        )
        return [
            _act(ordinal, offset, received_at, (version, rules), dict(zip(_SENT, sent, strict=True)))
            for ordinal, offset, received_at, version, rules, *sent in rows
        ]


def index_of(column: str, words: Sequence[str]) -> str:
    """Return the expression of a word's number; one that this code does not know is -1."""
    known, numbers = ", ".join(f"'{word}'" for word in words), ", ".join(map(str, range(len(words))))
    return f"toInt64(transform(toString({column}), [{known}], [{numbers}], -1))"


def _begins(numbers: Numbers, cuts: Numbers) -> Numbers:
    """Return where a stretch begins: at a hole, at another input, at a cut, and where it would be too long."""
    ordinals, is_internal = numbers[ORDINAL], numbers[IS_INTERNAL]
    if not len(ordinals):
        return np.empty(0, np.int64)
    is_begin = np.append(True, (np.diff(ordinals) != 1) | (np.diff(is_internal) != 0))
    at_cuts = np.searchsorted(ordinals, cuts)
    is_begin[at_cuts[at_cuts < len(ordinals)]] = True
    begins = np.flatnonzero(is_begin)
    ends = np.append(begins[1:], len(ordinals))
    runs = [np.arange(begin, end, _BATCH_RECORDS) for begin, end in zip(begins, ends, strict=True)]
    return np.concatenate(runs)


def _of_scans(scans: Rows) -> Stretch:
    told = scans.numbers
    batch = Batch(list[bytes | None](scans.keys()), scans.bodies(), told[OFFSET], told[RECEIVED_AT])
    return Stretch(int(told[ORDINAL, 0]), bool(told[IS_INTERNAL, 0]), batch, told)


def _of_acts(acts: Sequence[_Act], cuts: Numbers) -> list[Stretch]:
    """Return acts with consecutive ordinals together."""
    stretches: list[Stretch] = []
    runs: list[list[_Act]] = []
    for act in acts:
        if runs and runs[-1][-1].ordinal + 1 == act.ordinal and act.ordinal not in cuts:
            runs[-1].append(act)
        else:
            runs.append([act])
    for run in runs:
        offsets = np.array([act.offset for act in run], np.int64)
        received_at = np.array([act.received_at for act in run], np.int64)
        batch = Batch([act.key for act in run], [act.value for act in run], offsets, received_at)
        stretches.append(Stretch(run[0].ordinal, True, batch, acts=[act.told for act in run]))
    return stretches


def _act(ordinal: int, offset: int, received_at: int, told: tuple[int, str], sent: dict[str, str]) -> _Act:
    value = encode("internal", sent | {"sent_at": 0})  # an act does not keep it, and nothing reads it
    act = Act(sent["kind"], sent["content"], told[0], told[1] != RULES_VERSION)
    return _Act(ordinal, offset, received_at, sent["subject"].encode(), value, act)
