"""The records of one stream of one partition that are not in ClickHouse yet.

Flow: runs of framed records in; rows up to the last position, which closes a transaction, out.
"""

from pipeline.broker.group import Run
from pipeline.broker.topics import Topics
from pipeline.warehouse.inserts import Span
from pipeline.warehouse.marks import Mark
from pipeline.warehouse.tables import Table
from pipeline.wire.framing import frame
from pipeline.wire.schemas import catalogue, decode


class StreamBuffer:
    """Rows of a stream in their order, from the offset and the ordinal of its mark on."""

    def __init__(self, table: Table, start: int) -> None:
        """Begin at an offset of the stream; what its mark says comes with `begin`."""
        self.table = table
        self._position = frame(catalogue().id("position"))
        others = [name for name in Topics.load()[table.stream].schemas if name != table.record]
        self._not_rows = tuple(frame(frame_id) for name in others for frame_id, _ in catalogue().frame_ids(name))
        self._mark = Mark(0, table.stream, stream_next=start)
        self._rows: list[bytes] = []
        self._keys: list[bytes | None] = []
        self._times: list[tuple[int, int]] = []
        """Row at which each run began, and the time of its first record."""
        self._last: tuple[int, bytes, int] | None = None
        """Rows before the last position, the position, and the offset after it."""
        self._size = 0
        self._is_fresh = True
        self.first_read: int | None = None
        """Offset of the first record read since the last seek, until somebody has looked at it."""
        self.has_gap = False
        """Records from `start` on were removed from the log before they were read."""

    def begin(self, mark: Mark) -> bool:
        """Adopt the mark just read; return whether what is here goes on from it, else it is dropped."""
        if mark.stream_next != self.start:
            self._forget(len(self._rows))
            self._mark, self._last, self.has_gap, self.first_read = mark, None, False, None
            self._is_fresh = True
            return False
        self._mark = mark
        return True

    @property
    def start(self) -> int:
        """Offset of the stream where the rows held here begin."""
        return self._mark.stream_next

    @property
    def span(self) -> Span:
        """Ordinals of the closed rows."""
        return Span(self._mark.ordinal, self.reached().ordinal)

    @property
    def is_closed(self) -> bool:
        """Whether there is a position here, so that the mark can move."""
        return self._last is not None

    @property
    def oldest(self) -> int | None:
        """Time in milliseconds of the oldest record held."""
        return self._times[0][1] if self._times else None

    @property
    def size(self) -> int:
        """Bytes of the rows held."""
        return self._size

    def add(self, run: Run) -> None:
        """Take a run in; one from before the mark, fetched before a seek, is not for us."""
        if run.offset(0) < self.start:
            return
        self._times.append((len(self._rows), run.timestamp()))
        if self._is_fresh:
            self.first_read, self._is_fresh = run.offset(0), False
        keys = run.keys() if self.table.replaces else None
        begin = 0
        for at, value in enumerate(run.values):
            if value is None or value.startswith(self._not_rows):
                self._append(run, keys, begin, at)
                begin = at + 1
                if value is not None and value.startswith(self._position):
                    self._last = (len(self._rows), value, run.offset(at) + 1)
        self._append(run, keys, begin, len(run.values))

    def rows(self) -> list[bytes]:
        """Return the closed rows, each with its frame."""
        return self._rows[: self._last[0]] if self._last else []

    def different(self) -> int:
        """Return how many different units the closed rows have, or for the other tables how many rows."""
        closed = self._last[0] if self._last else 0
        return len(set(self._keys[:closed])) if self.table.replaces else closed

    def reached(self) -> Mark:
        """Return the mark that holds once the closed rows are written."""
        if self._last is None:
            return self._mark
        _, position = decode(self._last[1])
        return Mark(
            partition=self._mark.partition,
            stream=self.table.stream,
            ordinal=position["ordinal"],
            scans_next=position["scans_next"],
            internal_next=position["internal_next"],
            stream_next=self._last[2],
        )

    def settle(self, mark: Mark) -> None:
        """Forget the closed rows: they are in ClickHouse, and the mark says so."""
        assert self._last is not None
        self._forget(self._last[0])
        self._last = None
        self._mark = mark

    def unclosed(self) -> list[bytes]:
        """Return the rows of a transaction that does not end, for a table that replaces: no mark moves."""
        assert self._last is None
        return list(self._rows)

    def spilled(self, rows: int) -> None:
        """Forget so many of the unclosed rows: they are in ClickHouse."""
        self._forget(rows)

    def _append(self, run: Run, keys: list[bytes | None] | None, begin: int, end: int) -> None:
        if end > begin:
            rows = [value for value in run.values[begin:end] if value is not None]
            self._rows += rows
            self._size += sum(map(len, rows))
            if keys is not None:
                self._keys += keys[begin:end]

    def _forget(self, rows: int) -> None:
        self._size -= sum(map(len, self._rows[:rows]))
        self._rows, self._keys = self._rows[rows:], self._keys[rows:]
        self._times = _from_row(self._times, rows) if self._rows else []


def _from_row(times: list[tuple[int, int]], row: int) -> list[tuple[int, int]]:
    """Count rows from this one; the run it belongs to may have begun before it."""
    cut = [(max(0, at - row), time) for at, time in times]
    begun_before = sum(1 for at, _ in times if at <= row)
    return cut[max(0, begun_before - 1) :]
