"""Which scans of a batch concern the same unit: by hash, checked by comparing the keys themselves.

Flow: keys as slices of one buffer -> the number of each scan's unit, and the scan that named each unit first.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.domain.compiled import compiled
from pipeline.domain.slices import Bytes, hash_slice, same_slice

NO_UNIT: Final = -1


@compiled
def _group(
    keys: Bytes,
    starts: npt.NDArray[np.int64],
    unit: npt.NDArray[np.int32],
    first: npt.NDArray[np.int64],
    slots: npt.NDArray[np.int32],
) -> int:
    mask, units = len(slots) - 1, 0
    for i in range(len(unit)):
        if unit[i] == NO_UNIT:
            continue
        start, length = starts[i], starts[i + 1] - starts[i]
        slot = hash_slice(keys, start, length) & mask
        while True:
            known = slots[slot] - 1
            if known < 0:
                slots[slot], first[units] = units + 1, i
                known, units = units, units + 1
                break
            there = starts[first[known]]
            same_length = starts[first[known] + 1] - there == length
            if same_length and same_slice(keys, there, keys, start, length):
                break
            slot = (slot + 1) & mask
        unit[i] = known
    return units


def group(
    keys: Bytes, starts: npt.NDArray[np.int64], rejected: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """Number the units of a batch in the order in which scans name them; a rejected scan has NO_UNIT.

    Returns:
        The unit of each scan, int32[scan], and the first scan of each unit, int64[unit].
    """
    count = len(rejected)
    unit = np.where(rejected, np.int32(NO_UNIT), np.int32(0))
    first = np.empty(count, np.int64)
    slots = np.zeros(1 << max(4, (2 * count).bit_length()), np.int32)
    units = _group(keys, starts, unit, first, slots)
    return unit, first[:units]
