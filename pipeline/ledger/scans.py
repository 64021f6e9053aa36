"""Scans of one batch: from decoded columns to what the rules look at.

Flow: ScanColumns, keys, append times -> contract reasons, units of the batch, Scans for enforce.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.domain.compiled import compiled
from pipeline.domain.contract import Claims, check_contract
from pipeline.domain.enforce import ASK, Scans
from pipeline.domain.site_table import SiteTable
from pipeline.domain.slices import Bytes, hash_slice, join
from pipeline.domain.unit_key_columns import check_identifiers
from pipeline.domain.unit_state import FACT, NEVER
from pipeline.ledger.where import Where
from pipeline.wire import scan as field
from pipeline.wire.scan import ScanColumns

Numbers = npt.NDArray[np.int64]
_COUNT_DOCUMENT = np.frombuffer(b"count:", np.uint8)


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


def contract_reasons(
    columns: Columns, keys: tuple[Bytes, Numbers], received_at: Numbers, where: Where
) -> npt.NDArray[np.int8]:
    """Return the contract's reason for each scan, NONE where it keeps it."""
    number, length = columns.number, columns.length
    item, serial = (number[field.ITEM], length[field.ITEM]), (number[field.SERIAL], length[field.SERIAL])
    bad = np.zeros(len(received_at), np.bool_)
    check_identifiers(columns.buffer, *item, *serial, bad)
    reasons = np.empty(len(received_at), np.int8)
    times = number[field.EVENT_TIME], received_at
    claims = Claims(*keys, columns.buffer, *item, *serial, bad, number[field.ORIGIN], *times)
    check_contract(claims, where.partition, where.partitions, where.skew_ms, reasons)
    return reasons


def name_sites(columns: Columns, is_kept: npt.NDArray[np.bool_], sites: SiteTable) -> npt.NDArray[np.int32]:
    """Return int32[scan, 2], the numbers of site and destination; both 0 where the contract is broken."""
    which = [field.SITE, field.DESTINATION]
    length = np.where(is_kept, columns.length[which].astype(np.int64), -1).T.ravel()
    found = sites.numbers_of(columns.buffer, np.ascontiguousarray(columns.number[which].T).ravel(), length)
    return found.reshape(-1, 2)


@compiled
def _half(buffer: Bytes, start: int, length: int) -> int:
    """Return the high half of a text's hash, never 0; 0 for no text."""
    if length < 0:
        return 0
    half = hash_slice(buffer, start, length) >> 32
    return 1 if half == 0 else half


@compiled
def _starts_with(buffer: Bytes, start: int, length: int, beginning: Bytes) -> bool:
    if length < len(beginning):
        return False
    for at in range(len(beginning)):  # noqa: SIM110  compiled: all() over a generator is not
        if buffer[start + at] != beginning[at]:
            return False
    return True


@compiled
def _write(  # noqa: PLR0913  arrays one by one: a tuple of them costs a reference count each
    facts: npt.NDArray[np.void],
    asks: npt.NDArray[np.void],
    buffer: Bytes,
    number: npt.NDArray[np.int64],
    length: npt.NDArray[np.int32],
    unit: npt.NDArray[np.int32],
    sites: npt.NDArray[np.int32],
    ordinal: Numbers,
    count_document: Bytes,
) -> None:
    for i in range(len(facts)):
        fact, ask = facts[i], asks[i]
        ask["unit"] = unit[i]
        if unit[i] < 0:
            continue
        fact["step"] = number[field.STEP, i]
        fact["event_time"] = number[field.EVENT_TIME, i]
        fact["repeat"] = NEVER
        fact["ordinal"] = ordinal[i]
        fact["site"], fact["destination"] = sites[i, 0], sites[i, 1]
        fact["scan_id"] = hash_slice(buffer, number[field.SCAN_ID, i], int(length[field.SCAN_ID, i]))
        fact["reader"] = _half(buffer, number[field.READER, i], int(length[field.READER, i]))
        fact["source"] = _half(buffer, number[field.SOURCE, i], int(length[field.SOURCE, i]))
        document, document_length = number[field.DOCUMENT, i], int(length[field.DOCUMENT, i])
        fact["document"] = _half(buffer, document, document_length)
        ask["is_count"] = _starts_with(buffer, document, document_length, count_document)
        ask["corrects"] = hash_slice(buffer, number[field.CORRECTS, i], int(length[field.CORRECTS, i]))
        fact["corrects"] = ask["corrects"] >> 32
        fact["root"], fact["plain"], fact["expiry"] = fact["scan_id"], -1, NEVER
        ask["lot_start"], ask["lot_length"] = number[field.LOT, i], length[field.LOT, i]


def make_scans(columns: Columns, unit: npt.NDArray[np.int32], sites: npt.NDArray[np.int32], ordinal: Numbers) -> Scans:
    """Return the fact each scan may leave and what it asks."""
    scans = Scans(np.zeros(len(unit), FACT), np.zeros(len(unit), ASK))
    _write(*scans, columns.buffer, columns.number, columns.length, unit, sites, ordinal, _COUNT_DOCUMENT)
    return scans


def join_keys(keys: list[bytes | None]) -> tuple[Bytes, Numbers]:
    """Lay record keys end to end; a null key is empty, and is no unit's."""
    return join(keys) if None not in keys else join([key or b"" for key in keys])  # type: ignore[arg-type]
