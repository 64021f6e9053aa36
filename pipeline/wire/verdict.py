"""Verdicts: a scan's own bytes with the decision appended, so that nothing is encoded twice.

A scan of an older version gets the nulls of the newer fields in between: they are the last ones, a byte each.

Flow: scan bodies, DECISION rows, their origin -> framed verdicts.
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.domain.compiled import compiled
from pipeline.domain.slices import Bytes
from pipeline.wire.decision import LONGEST_DECISION, put_decision
from pipeline.wire.framing import FRAME_BYTES, frame
from pipeline.wire.put import Starts, cut, put_bytes, put_number, put_optional_text
from pipeline.wire.schemas import catalogue


class Names(NamedTuple):
    """The texts behind the numbers of a decision: states by lifecycle * MAX_STATES + state, sites by number."""

    states: Bytes
    state_starts: Starts
    sites: Bytes
    site_starts: Starts


class Bodies(NamedTuple):
    """Framed scans, and the loaded states, where a former lot may lie.

    Shape: record i is `buffer[starts[i]:ends[i]]`; it is `missing[i]` fields short of the newest version.
    """

    buffer: Bytes
    starts: Starts
    ends: Starts
    missing: Bytes
    loaded: Bytes


class Origin(NamedTuple):
    """Where the scans came from, one entry a scan."""

    received_at: npt.NDArray[np.int64]
    offset: npt.NDArray[np.int64]
    ordinal: npt.NDArray[np.int64]


class Stamp(NamedTuple):
    """What is the same for a whole batch."""

    rules_version: str
    reference_version: int
    topic: str
    partition: int


_SMALL: Final = [bytes([2 * value]) for value in range(64)]
"""Numbers of one byte, most lengths of texts."""


def text_bytes(text: str) -> bytes:
    """Return a string as Avro writes it."""
    body = text.encode()
    return number_bytes(len(body)) + body


def number_bytes(value: int) -> bytes:
    """Return a number as Avro writes it."""
    if 0 <= value < len(_SMALL):
        return _SMALL[value]
    out = np.empty(10, np.uint8)
    return out[: put_number(out, 0, value)].tobytes()


@compiled
def _write(
    out: Bytes,
    out_starts: Starts,
    bodies: Bodies,
    decisions: npt.NDArray[np.void],
    names: Names,
    origin: Origin,
    frame_: Bytes,
    versions: Bytes,
    place: Bytes,
) -> None:
    buffer, starts, ends, missing, loaded = bodies
    states, state_starts, sites, site_starts = names
    received_at, offset, ordinal = origin
    at = 0
    for i in range(len(decisions)):
        row = decisions[i]
        out_starts[i] = at
        at = put_bytes(out, at, frame_, 0, len(frame_))
        at = put_bytes(out, at, buffer, starts[i] + FRAME_BYTES, ends[i] - starts[i] - FRAME_BYTES)
        for _ in range(missing[i]):
            out[at] = 0
            at += 1
        at = put_decision(out, at, row, states, state_starts, sites, site_starts)
        if row["lot_start"] < 0:
            at = put_optional_text(out, at, loaded, ~row["lot_start"], row["lot_length"])
        else:
            at = put_optional_text(out, at, buffer, row["lot_start"], row["lot_length"])
        at = put_bytes(out, at, versions, 0, len(versions))
        at = put_number(out, at, received_at[i])
        at = put_bytes(out, at, place, 0, len(place))
        at = put_number(out, at, offset[i])
        at = put_number(out, at, ordinal[i])
    out_starts[len(decisions)] = at


def encode_verdicts(
    bodies: Bodies, decisions: npt.NDArray[np.void], names: Names, origin: Origin, stamp: Stamp
) -> list[bytes]:
    """Encode a batch of verdicts, framed, in the order of the scans."""
    count = len(decisions)
    room = int((bodies.ends - bodies.starts).sum()) + count * LONGEST_DECISION
    out, starts = np.empty(room, np.uint8), np.empty(count + 1, np.int64)
    _write(
        out,
        starts,
        bodies,
        decisions,
        names,
        origin,
        np.frombuffer(frame(catalogue().id("verdict")), np.uint8),
        np.frombuffer(text_bytes(stamp.rules_version) + number_bytes(stamp.reference_version), np.uint8),
        np.frombuffer(text_bytes(stamp.topic) + number_bytes(stamp.partition), np.uint8),
    )
    return cut(out, starts)
