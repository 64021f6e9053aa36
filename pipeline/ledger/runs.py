"""A batch of `internal` cut into runs: derived scans together, so that they are decided in columns, and the others.

Flow: a Batch -> (whether they are scans, first place, place after the last), in order.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from pipeline.ledger.batch import Batch
from pipeline.wire.framing import FRAME_BYTES
from pipeline.wire.schemas import catalogue
from pipeline.wire.values import Values


def runs_of_scans(batch: Batch) -> Iterator[tuple[bool, int, int]]:
    """Cut a batch where scans follow others, or others scans."""
    is_scan = _are_scans(batch)
    cuts = [0, *(np.flatnonzero(np.diff(is_scan)) + 1).tolist(), len(batch)]
    for first, end in zip(cuts, cuts[1:], strict=False):
        yield bool(is_scan[first]), first, end


def _are_scans(batch: Batch) -> npt.NDArray[np.bool_]:
    """Return which records are framed as scans of a version that is known; whether they are any is seen later."""
    laid = batch.values if isinstance(batch.values, Values) else Values.of(batch.values)
    is_framed = laid.ends - laid.starts >= FRAME_BYTES
    frames = np.full(len(batch), -1, np.int64)
    at = laid.starts[is_framed, np.newaxis] + np.arange(FRAME_BYTES)
    frames[is_framed] = laid.buffer[at].astype(np.int64) @ (256 ** np.arange(FRAME_BYTES)[::-1])
    return np.isin(frames, [frame_id for frame_id, _ in catalogue().frame_ids("scan")])
