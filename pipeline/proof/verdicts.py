"""The verdicts as the worker wrote them, against unit_events: whole, so also what decides nothing.

Flow: the topic of verdicts, read span by span beside the rows of each span -> problems.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Final

from pipeline.broker.group import Place
from pipeline.broker.sweep import sweep_retained
from pipeline.proof.compare import compare
from pipeline.proof.export import export_bodies
from pipeline.proof.report import Report
from pipeline.proof.written import body_of, frames_of
from pipeline.settings import Settings
from pipeline.warehouse.client import Warehouse
from pipeline.warehouse.inserts import Span
from pipeline.warehouse.tables import table_of
from pipeline.wire.body import decode_body
from pipeline.wire.schemas import catalogue

_TABLE: Final = table_of("verdicts")
_ORDINALS_AT_ONCE: Final = 20_000


class WrittenVerdicts:
    """The verdicts of one partition that the topic still holds, taken in ascending order.

    What has expired is not compared, nor is what expires before its span is checked and has not been read by then.
    """

    def __init__(self, settings: Settings, partition: int, last: int) -> None:
        """Prepare to read; `last` is the last ordinal that is checked."""
        self._partition = partition
        self._more = _retained(settings, partition, last)
        self._held: list[bytes] = []
        self._first = 0
        """The first ordinal that is compared."""

    def check(self, report: Report, span: Span, stored: Sequence[bytes]) -> None:
        """Compare the rows of a span, in the order of their ordinals, with what was written of it."""
        written = self._take(span)
        difference = compare(written, _beyond(stored, self._first - 1))
        report.compared("streams", len(written))
        report.found("streams", self._partition, _TABLE.name, difference.names(_TABLE), len(difference))

    def _take(self, span: Span) -> list[bytes]:
        """Return what was written of a span; what lies before it is let go of as it is read."""
        assert span.to is not None
        while not self._held or _ordinal_of(self._held[-1]) <= span.to:
            more = next(self._more, None)
            if more is None:
                break
            self._first, bodies = more
            self._held = _beyond(self._held + bodies, max(span.after, self._first - 1))
        cut = _places_until(self._held, span.to)
        taken, self._held = self._held[:cut], self._held[cut:]
        return taken


def check_verdicts(
    settings: Settings, warehouse: Warehouse, report: Report, partition: int, last: int, removed: int = 0
) -> None:
    """Compare the verdicts of a partition that is not folded afresh, from the first that was not removed on record."""
    written = WrittenVerdicts(settings, partition, last)
    for after in range(removed, last, _ORDINALS_AT_ONCE):
        span = Span(after, min(after + _ORDINALS_AT_ONCE, last))
        stored = export_bodies(warehouse, _TABLE, span.covers(_TABLE.range_by, partition), _TABLE.range_by)
        written.check(report, span, stored)


def _retained(settings: Settings, partition: int, last: int) -> Iterator[tuple[int, list[bytes]]]:
    """Yield verdicts, each time with the first ordinal that has not expired: past the last one where none is left."""
    own = frames_of(_TABLE.record)
    for start, run in sweep_retained(settings, Place(_TABLE.stream, partition)):
        bodies = [body_of(_TABLE.record, value) for value in run.values if value and value.startswith(own)]
        if not run.values:  # a reader begins
            first = last + 1 if start else 0
        elif bodies:
            first = min(first, _ordinal_of(bodies[0]))
        yield first, bodies


def _beyond(bodies: Sequence[bytes], ordinal: int) -> list[bytes]:
    return list(bodies[_places_until(bodies, ordinal) :])


def _places_until(bodies: Sequence[bytes], ordinal: int) -> int:
    return bisect_right(bodies, ordinal, key=_ordinal_of)


def _ordinal_of(body: bytes) -> int:
    return int(decode_body(catalogue().version(_TABLE.record).parsed, body)["decision"]["ordinal"])
