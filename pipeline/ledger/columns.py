"""The decodable scans of one batch, as columns."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.domain.slices import Bytes
from pipeline.wire.scan import ScanColumns

Numbers = npt.NDArray[np.int64]


class Columns(NamedTuple):
    """The decodable scans of a batch: record i is `buffer[starts[i]:ends[i]]`, the rest as in wire.scan.ScanColumns."""

    buffer: Bytes
    starts: Numbers
    ends: Numbers
    missing: npt.NDArray[np.uint8]
    number: npt.NDArray[np.int64]
    length: npt.NDArray[np.int32]


def select(columns: ScanColumns, which: npt.NDArray[np.int64]) -> Columns:
    """Return those scans of a batch; without a copy where it is all of them."""
    starts, ends = columns.starts, columns.ends
    if len(which) == len(columns):
        return Columns(columns.buffer, starts, ends, columns.missing, columns.number, columns.length)
    number, length = columns.number[:, which], columns.length[:, which]
    return Columns(columns.buffer, starts[which], ends[which], columns.missing[which], number, length)
