"""The verdicts as the worker wrote them, against unit_events: whole, so also what decides nothing.

Flow: the topic of verdicts, read span by span beside the rows of each span -> problems.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Final

from pipeline.broker.group import Place
from pipeline.broker.sweep import first_offsets, sweep
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
    """The verdicts of one partition that the topic still holds, taken in ascending order."""

    def __init__(self, settings: Settings, partition: int) -> None:
        self._partition = partition
        place = Place(_TABLE.stream, partition)
        starts = first_offsets(settings, [place])
        self._more = _bodies(settings, starts)
        self._held = next(self._more, [])
        is_cut = starts[place] > 0
        self._first = _ordinal_of(self._held[0]) if is_cut and self._held else 0

    def check(self, report: Report, span: Span, stored: Sequence[bytes]) -> None:
        """Compare the rows of a span, in the order of their ordinals, with what was written of it."""
        assert span.to is not None
        written = self._until(span.to)
        if span.after + 1 < self._first:
            stored = stored[_places_until(stored, self._first - 1) :]
        difference = compare(written, stored)
        report.compared("streams", len(written))
        report.found("streams", self._partition, _TABLE.name, difference.names(_TABLE), len(difference))

    def pass_by(self, ordinal: int) -> None:
        """Leave out what lies up to an ordinal."""
        self._until(ordinal)
        self._first = max(self._first, ordinal + 1)

    def _until(self, ordinal: int) -> list[bytes]:
        while not self._held or _ordinal_of(self._held[-1]) <= ordinal:
            more = next(self._more, None)
            if more is None:
                break
            self._held += more
        cut = _places_until(self._held, ordinal)
        taken, self._held = self._held[:cut], self._held[cut:]
        return taken


def check_verdicts(
    settings: Settings, warehouse: Warehouse, report: Report, partition: int, last: int, removed: int = 0
) -> None:
    """Compare the verdicts of a partition that is not folded afresh, from the first that was not removed on record."""
    written = WrittenVerdicts(settings, partition)
    written.pass_by(removed)
    for after in range(removed, last, _ORDINALS_AT_ONCE):
        span = Span(after, min(after + _ORDINALS_AT_ONCE, last))
        stored = export_bodies(warehouse, _TABLE, span.covers(_TABLE.range_by, partition), _TABLE.range_by)
        written.check(report, span, stored)


def _bodies(settings: Settings, starts: dict[Place, int]) -> Iterator[list[bytes]]:
    own = frames_of(_TABLE.record)
    for run in sweep(settings, starts):
        bodies = [body_of(_TABLE.record, value) for value in run.values if value and value.startswith(own)]
        if bodies:
            yield bodies


def _places_until(bodies: Sequence[bytes], ordinal: int) -> int:
    return bisect_right(bodies, ordinal, key=_ordinal_of)


def _ordinal_of(body: bytes) -> int:
    return int(decode_body(catalogue().version(_TABLE.record).parsed, body)["decision"]["ordinal"])
