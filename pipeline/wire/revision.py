"""Revisions: an earlier decision, named by its ordinal, as later knowledge has it.

Flow: REVISION and DECISION rows, unit keys -> framed revisions.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.domain.compiled import compiled
from pipeline.domain.slices import Bytes
from pipeline.wire.decision import LONGEST_DECISION, put_decision
from pipeline.wire.framing import frame
from pipeline.wire.put import Starts, cut, put_bytes, put_number, put_text
from pipeline.wire.schemas import catalogue
from pipeline.wire.verdict import Names, Origin, Stamp, number_bytes, text_bytes


class Keys(NamedTuple):
    """Item and serial of each unit of the batch, as slices of the scans' buffer."""

    buffer: Bytes
    item: Starts
    item_length: npt.NDArray[np.int32]
    serial: Starts
    serial_length: npt.NDArray[np.int32]


@compiled
def _write(
    out: Bytes,
    out_starts: Starts,
    keys: Keys,
    revisions: npt.NDArray[np.void],
    rows: npt.NDArray[np.void],
    names: Names,
    origin: Origin,
    frame_: Bytes,
    versions: Bytes,
    partition: int,
) -> None:
    states, state_starts, sites, site_starts = names
    received_at, _, ordinal = origin
    at = 0
    for i in range(len(revisions)):
        key, row = revisions[i], rows[i]
        unit, cause = key["unit"], key["scan"]
        out_starts[i] = at
        at = put_bytes(out, at, frame_, 0, len(frame_))
        at = put_text(out, at, keys.buffer, keys.item[unit], keys.item_length[unit])
        at = put_text(out, at, keys.buffer, keys.serial[unit], keys.serial_length[unit])
        at = put_number(out, at, partition)
        at = put_number(out, at, key["ordinal"])
        at = put_number(out, at, ordinal[cause])
        at = put_number(out, at, key["n"])
        at = put_decision(out, at, row, states, state_starts, sites, site_starts)
        at = put_bytes(out, at, versions, 0, len(versions))
        at = put_number(out, at, received_at[cause])
    out_starts[len(revisions)] = at


def encode_revisions(
    keys: Keys,
    revisions: npt.NDArray[np.void],
    rows: npt.NDArray[np.void],
    names: Names,
    origin: Origin,
    stamp: Stamp,
) -> list[bytes]:
    """Encode the revisions of a batch, framed, in the order in which they came to be."""
    count = len(revisions)
    if count == 0:
        return []
    unit = revisions["unit"]
    room = int((keys.item_length[unit] + keys.serial_length[unit]).sum()) + count * LONGEST_DECISION
    out, starts = np.empty(room, np.uint8), np.empty(count + 1, np.int64)
    _write(
        out,
        starts,
        keys,
        revisions,
        rows,
        names,
        origin,
        np.frombuffer(frame(catalogue().id("revision")), np.uint8),
        np.frombuffer(text_bytes(stamp.rules_version) + number_bytes(stamp.reference_version), np.uint8),
        stamp.partition,
    )
    return cut(out, starts)
