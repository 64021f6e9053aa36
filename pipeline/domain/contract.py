"""The contract every scan must keep before its unit's record is even looked at.

Flow: keys and decoded columns of a batch -> a reason for each scan, NONE where it keeps the contract.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.domain.compiled import compiled
from pipeline.domain.derived_id import is_derived_id
from pipeline.domain.routing import partition_of_slice
from pipeline.domain.scan import DERIVED
from pipeline.domain.slices import Bytes, same_slice
from pipeline.domain.verdict import BAD_IDENTIFIER, BAD_ORIGIN, BAD_TIME, FUTURE_TIME, MISKEYED, MISROUTED, NONE

Numbers = npt.NDArray[np.int64]
SLASH = ord("/")


class Claims(NamedTuple):
    """What the contract looks at, one entry a scan; texts are slices of `buffer`, keys of `keys`.

    Shape: a null key is an empty slice; `bad_identifier` bool[scan] is the verdict of the unit key's grammar.
    """

    keys: Bytes
    key_starts: Numbers
    buffer: Bytes
    item: Numbers
    item_length: npt.NDArray[np.int32]
    serial: Numbers
    serial_length: npt.NDArray[np.int32]
    bad_identifier: npt.NDArray[np.bool_]
    origin: Numbers
    scan_id: Numbers
    scan_id_length: npt.NDArray[np.int32]
    event_time: Numbers
    received_at: Numbers


@compiled
def is_key_of(keys: Bytes, start: int, length: int, buffer: Bytes, parts: tuple[int, int, int, int]) -> bool:
    """Whether a record's key is the unit key of its value: item, slash, serial, or the serial alone without an item."""
    item, item_length, serial, serial_length = parts
    if item_length == 0:
        return length == serial_length and same_slice(keys, start, buffer, serial, length)
    if length != item_length + 1 + serial_length or keys[start + item_length] != SLASH:
        return False
    is_item = same_slice(keys, start, buffer, item, item_length)
    return is_item and same_slice(keys, start + item_length + 1, buffer, serial, serial_length)


@compiled
def check_contract(
    claims: Claims, partition: int, partitions: int, skew_ms: int, is_internal: bool, reasons: npt.NDArray[np.int8]
) -> None:
    """Write the first rule that each scan breaks, or NONE: only our own processes derive scans, and nothing else.

    Source: design, section 4, row "contract".
    """
    (keys, key_starts, buffer, item, item_length, serial, serial_length, bad, origin,
     scan_id, scan_id_length, event_time, received_at) = claims  # fmt: skip
    for i in range(len(reasons)):
        start, end = key_starts[i], key_starts[i + 1]
        parts = (item[i], int(item_length[i]), serial[i], int(serial_length[i]))
        if not is_key_of(keys, start, end - start, buffer, parts):
            reasons[i] = MISKEYED
        elif partition_of_slice(keys, start, end, partitions) != partition:
            reasons[i] = MISROUTED
        elif bad[i]:
            reasons[i] = BAD_IDENTIFIER
        elif (origin[i] == DERIVED) != is_internal or (
            is_internal and not is_derived_id(buffer, scan_id[i], int(scan_id_length[i]))
        ):
            reasons[i] = BAD_ORIGIN
        elif event_time[i] > received_at[i] + skew_ms:
            reasons[i] = FUTURE_TIME
        elif event_time[i] < 0:
            reasons[i] = BAD_TIME
        else:
            reasons[i] = NONE
