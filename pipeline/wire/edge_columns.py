"""The edges of one container as columns: what a move makes of hundreds of members is settled at once.

Flow: framed edges as wire/edge.py wrote them, a move -> which turn of its chain each member has to be told, the edges
with that turn.

The same as `Edge.settle` and `Edge.forget` do to one edge.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.domain.compiled import compiled
from pipeline.domain.edge import ASSEMBLY, CONTAINER, EDGE_KINDS, SLACK, Move
from pipeline.domain.slices import Bytes, join
from pipeline.domain.spans import FOREVER
from pipeline.wire.framing import FRAME_BYTES
from pipeline.wire.put import LONGEST_NUMBER, Starts, cut, put_bytes, put_number
from pipeline.wire.take import skip_number, skip_text, take_number

Longs = npt.NDArray[np.int64]


class Column(IntEnum):
    """What is read of each edge; MEMBER_AT and CHAINS_AT are places in the buffer."""

    MEMBER_AT = 0
    MEMBER_LENGTH = 1
    KIND = 2
    COVERS = 3
    """Whether the member was in it at the time of the move."""
    ENDED_AT = 4
    """When the member left for the last time; 0 where it never was in it."""
    TURNS = 5
    """How often the member was told of the move, or that it was none."""
    CHAINS_AT = 6
    """Where what is kept of moves begins: all that a turn changes lies from there on."""
    CHANGED_AT = 7
    """When the broker received what changed it last."""


@dataclass(frozen=True)
class Edges:
    """Edges of one container beside one move.

    Shape: edge i is buffer[starts[i]:starts[i + 1]]; `columns` is (Column, edges).
    """

    buffer: Bytes
    starts: Starts
    columns: Longs
    move: Move

    def members(self) -> list[bytes]:
        """Return the unit keys of what is in the container."""
        whole, begins = self.buffer.tobytes(), self[Column.MEMBER_AT]
        ends = begins + self[Column.MEMBER_LENGTH]
        return [whole[begin:end] for begin, end in zip(begins.tolist(), ends.tolist(), strict=True)]

    def __getitem__(self, column: Column) -> Longs:
        """Return what was read of each edge."""
        read: Longs = self.columns[column]
        return read

    def settle(self, *, holds: bool) -> Longs:
        """Return which turn each member has to be told next, from 1; 0 where it knows already."""
        turns, follows = self[Column.TURNS], self[Column.COVERS] > 0
        if self.move.empties:
            follows &= self[Column.KIND] == EDGE_KINDS.index(CONTAINER if self.move.step == "UNPACK" else ASSEMBLY)
        return np.where((follows & holds) == (turns % 2 > 0), 0, turns + 1)

    def with_turns(self, which: Longs, turns: Longs, remembered: Longs, changed_at: int) -> list[bytes]:
        """Return some edges with the turn that the member was told.

        Args:
            which: places of the edges.
            turns: the turn of each of these.
            remembered: facts that the container has not forgotten, sorted.
            changed_at: when the broker received what changes the edges.
        """
        sizes = self.starts[which + 1] - self.starts[which] + _ROOM
        out, out_starts = np.empty(int(sizes.sum()), np.uint8), np.zeros(len(which) + 1, np.int64)
        known = (self.buffer, self.starts, self.columns)
        _write(*known, which, turns, self.move.fact, remembered, changed_at, out, out_starts)
        return cut(out, out_starts)


_ROOM: Final = 4 * LONGEST_NUMBER
"""An edge grows by a fact and its turns, and by what its numbers grow by."""


def read_edges(values: list[bytes], move: Move) -> Edges:
    """Read edges of one container, as far as a move needs them."""
    buffer, starts = join(values)
    columns = np.empty((len(Column), len(values)), np.int64)
    _read(buffer, starts, move.fact, move.event_time, columns)
    return Edges(buffer, starts, columns, move)


_MEMBER_AT: Final = Column.MEMBER_AT.value
_MEMBER_LENGTH: Final = Column.MEMBER_LENGTH.value
_KIND: Final = Column.KIND.value
_COVERS: Final = Column.COVERS.value
_ENDED_AT: Final = Column.ENDED_AT.value
_TURNS: Final = Column.TURNS.value
_CHAINS_AT: Final = Column.CHAINS_AT.value
_CHANGED_AT: Final = Column.CHANGED_AT.value


@compiled
def _read(buffer: Bytes, starts: Starts, fact: int, event_time: int, columns: Longs) -> None:
    for i in range(columns.shape[1]):
        at = skip_text(buffer, starts[i] + FRAME_BYTES)  # container
        length, at = take_number(buffer, at)
        columns[_MEMBER_AT, i], columns[_MEMBER_LENGTH, i] = at, length
        columns[_KIND, i], at = take_number(buffer, at + length)
        at = skip_number(buffer, at)  # version
        columns[_COVERS, i], columns[_ENDED_AT, i], at = _take_spans(buffer, at, event_time)
        columns[_CHAINS_AT, i] = at
        columns[_TURNS, i], at = _take_turns(buffer, at, fact)
        columns[_CHANGED_AT, i], at = take_number(buffer, at)


@compiled
def _take_spans(buffer: Bytes, at: int, time: int) -> tuple[int, int, int]:
    """Return whether a time lies in one of the spans, where the last one ends, and the next place."""
    covers, end = 0, 0
    count, at = take_number(buffer, at)
    while count:
        for _ in range(count):
            begin, at = take_number(buffer, at)
            end, has_end, at = FOREVER, buffer[at] > 0, at + 1
            if has_end:
                end, at = take_number(buffer, at)
            if begin <= time < end:
                covers = 1
        count, at = take_number(buffer, at)
    return covers, end, at


@compiled
def _take_turns(buffer: Bytes, at: int, fact: int) -> tuple[int, int]:
    """Return how often the member was told of a fact, and the next place."""
    turns = 0
    count, at = take_number(buffer, at)
    while count:
        for _ in range(count):
            told, at = take_number(buffer, at)
            number, at = take_number(buffer, at)
            if told == fact:
                turns = number
        count, at = take_number(buffer, at)
    return turns, at


@compiled
def _is_among(number: int, numbers: Longs) -> bool:
    at = np.searchsorted(numbers, number)
    return bool(at < len(numbers) and numbers[at] == number)


@compiled
def _write(
    buffer: Bytes,
    starts: Starts,
    columns: Longs,
    which: Longs,
    turns: Longs,
    fact: int,
    remembered: Longs,
    changed_at: int,
    out: Bytes,
    out_starts: Starts,
) -> None:
    to = 0
    for row in range(len(which)):
        i = which[row]
        chains_at = columns[_CHAINS_AT, i]
        to = put_bytes(out, to, buffer, starts[i], chains_at - starts[i])
        to = _put_chains(buffer, chains_at, fact, turns[row], remembered, out, to)
        to = put_number(out, to, changed_at)
        out_starts[row + 1] = to


@compiled
def _count_chains(buffer: Bytes, at: int, fact: int, remembered: Longs) -> tuple[int, int]:
    """Return how many chains there are with that of a fact, and of how many of them the fact is forgotten."""
    count, forgotten, is_new = 0, 0, True
    block, at = take_number(buffer, at)
    while block:
        for _ in range(block):
            told, at = take_number(buffer, at)
            at = skip_number(buffer, at)
            count += 1
            forgotten += not _is_among(told, remembered)
            is_new &= told != fact
        block, at = take_number(buffer, at)
    if is_new:
        count += 1
        forgotten += not _is_among(fact, remembered)
    return count, forgotten


@compiled
def _put_chains(buffer: Bytes, at: int, fact: int, turn: int, remembered: Longs, out: Bytes, to: int) -> int:
    """Write the chains with that of a fact at its turn, and without the oldest forgotten ones of too many."""
    count, forgotten = _count_chains(buffer, at, fact, remembered)
    surplus, is_new = min(max(count - SLACK, 0), forgotten), True
    to = put_number(out, to, count - surplus)
    block, at = take_number(buffer, at)
    while block:
        for _ in range(block):
            told, at = take_number(buffer, at)
            turns, at = take_number(buffer, at)
            if told == fact:
                turns, is_new = turn, False
            if surplus > 0 and not _is_among(told, remembered):
                surplus -= 1
            else:
                to = put_number(out, put_number(out, to, told), turns)
        block, at = take_number(buffer, at)
    if is_new and not surplus:
        to = put_number(out, put_number(out, to, fact), turn)
    return put_number(out, to, 0)
