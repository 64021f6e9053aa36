"""The other units that scans name: the container, or the counterpart of INSTALL, REMOVE, REPLACE and RELABEL.

Flow: decoded columns -> where the name of each scan's other unit lies, or that it names itself.

What is no unit key names no unit: it stays in the scan, and the fold does not look at it.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.domain.compiled import compiled
from pipeline.domain.contract import SLASH, is_key_of
from pipeline.domain.scan import INSTALL, RELABEL, REMOVE, REPLACE
from pipeline.domain.slices import Bytes
from pipeline.domain.unit_key_columns import check_identifiers
from pipeline.domain.unit_state import SELF_FACT
from pipeline.ledger.columns import Columns
from pipeline.wire import scan as field

Numbers = npt.NDArray[np.int64]
_BY_OTHER_UNIT: Final = np.array([INSTALL, REMOVE, REPLACE, RELABEL])


@compiled
def _split(buffer: Bytes, start: Numbers, length: Numbers, item_length: Numbers, serial_at: Numbers) -> None:
    """Find the last slash of each key: before it is the item, behind it the serial."""
    for row in range(len(start)):
        at = start[row] + length[row] - 1
        while at >= start[row] and buffer[at] != SLASH:
            at -= 1
        item_length[row] = max(at - start[row], 0)
        serial_at[row] = at + 1


@compiled
def _write(  # noqa: PLR0913  arrays one by one: a tuple of them costs a reference count each
    facts: npt.NDArray[np.void],
    asks: npt.NDArray[np.void],
    rows: Numbers,
    buffer: Bytes,
    start: Numbers,
    length: Numbers,
    number: npt.NDArray[np.int64],
    lengths: npt.NDArray[np.int32],
) -> None:
    for at in range(len(rows)):
        i = rows[at]
        item, serial = number[field.ITEM, i], number[field.SERIAL, i]
        own = (item, int(lengths[field.ITEM, i]), serial, int(lengths[field.SERIAL, i]))
        if is_key_of(buffer, start[at], length[at], buffer, own):
            facts[i]["flags"] |= SELF_FACT
        else:
            asks[i]["link_start"], asks[i]["link_length"] = start[at], length[at]


def name_counterparts(
    columns: Columns, unit: npt.NDArray[np.int32], facts: npt.NDArray[np.void], asks: npt.NDArray[np.void]
) -> Numbers:
    """Write into the asks what other unit each scan names; returns the units of the scans that name one."""
    which = [field.CONTAINER, field.OTHER_UNIT]
    if columns.length[which].max(initial=-1) <= 0:
        return np.zeros(0, np.int64)
    by_other = np.isin(columns.number[field.STEP], _BY_OTHER_UNIT)
    length = np.where(by_other, columns.length[field.OTHER_UNIT], columns.length[field.CONTAINER])
    rows = np.flatnonzero((length > 0) & (unit >= 0))
    start = np.where(by_other, columns.number[field.OTHER_UNIT], columns.number[field.CONTAINER])[rows]
    rows, start, length = _unit_keys(columns.buffer, rows, start, length[rows].astype(np.int64))
    _write(facts, asks, rows, columns.buffer, start, length, columns.number, columns.length)
    return unit[rows].astype(np.int64)


def _unit_keys(buffer: Bytes, rows: Numbers, start: Numbers, length: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Leave out what is no unit key."""
    item_length, serial_at, bad = (
        np.zeros(len(rows), np.int64),
        np.zeros(len(rows), np.int64),
        np.zeros(len(rows), bool),
    )
    _split(buffer, start, length, item_length, serial_at)
    serial_length = start + length - serial_at
    check_identifiers(buffer, start, item_length.astype(np.int32), serial_at, serial_length.astype(np.int32), bad)
    return rows[~bad], start[~bad], length[~bad]
