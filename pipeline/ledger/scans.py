"""Scans of one batch: from decoded columns to what the rules look at.

Flow: ScanColumns, keys, append times -> contract reasons, units of the batch, facts and asks for enforce.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.domain.compiled import compiled
from pipeline.domain.contract import Claims, check_contract
from pipeline.domain.derived_id import DEPTH_DIGITS, ROOT_DIGITS, read_hex
from pipeline.domain.flags import WORDS, Words, dispose, flags_of
from pipeline.domain.scan import DERIVED
from pipeline.domain.screen import ASK
from pipeline.domain.site_table import SiteTable
from pipeline.domain.slices import Bytes, hash_slice, join, starts_with
from pipeline.domain.unit_key_columns import check_identifiers
from pipeline.domain.unit_state import FACT, NEVER
from pipeline.ledger.columns import Columns
from pipeline.ledger.counterparts import name_counterparts
from pipeline.ledger.where import Where
from pipeline.wire import scan as field

Numbers = npt.NDArray[np.int64]
_COUNT_DOCUMENT = np.frombuffer(b"count:", np.uint8)


def contract_reasons(
    columns: Columns, keys: tuple[Bytes, Numbers], received_at: Numbers, where: Where, *, is_internal: bool
) -> npt.NDArray[np.int8]:
    """Return the contract's reason for each scan of one input, NONE where it keeps it."""
    number, length = columns.number, columns.length
    item, serial = (number[field.ITEM], length[field.ITEM]), (number[field.SERIAL], length[field.SERIAL])
    bad = np.zeros(len(received_at), np.bool_)
    check_identifiers(columns.buffer, *item, *serial, bad)
    reasons = np.empty(len(received_at), np.int8)
    times = number[field.EVENT_TIME], received_at
    scan_id = number[field.SCAN_ID], length[field.SCAN_ID]
    claims = Claims(*keys, columns.buffer, *item, *serial, bad, number[field.ORIGIN], *scan_id, *times)
    check_contract(claims, where.partition, where.partitions, where.skew_ms, is_internal, reasons)
    return reasons


def name_sites(columns: Columns, is_kept: npt.NDArray[np.bool_], sites: SiteTable) -> npt.NDArray[np.int32]:
    """Return int32[scan, 2], the numbers of site and destination; both 0 where the contract is broken."""
    which = [field.SITE, field.DESTINATION]
    lengths = columns.length[which].astype(np.int64)
    lengths[1, lengths[1] == 0] = -1  # an empty destination is none
    length = np.where(is_kept, lengths, -1).T.ravel()
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
    words: Words,
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
        ask["is_count"] = starts_with(buffer, document, document_length, count_document)
        ask["corrects"] = hash_slice(buffer, number[field.CORRECTS, i], int(length[field.CORRECTS, i]))
        fact["corrects"] = ask["corrects"] >> 32
        fact["root"], fact["plain"], fact["expiry"] = fact["scan_id"], -1, NEVER
        if number[field.ORIGIN, i] == DERIVED:
            fact["root"] = read_hex(buffer, number[field.SCAN_ID, i], ROOT_DIGITS)
            fact["depth"] = read_hex(buffer, number[field.SCAN_ID, i] + ROOT_DIGITS, DEPTH_DIGITS)
        if length[field.CONDITION, i] > 0:
            dispose(fact, buffer, number[field.CONDITION, i], int(length[field.CONDITION, i]), words)
        if length[field.EXPIRY, i] >= 0:
            fact["expiry"] = max(number[field.EXPIRY, i], 0)
        if length[field.FLAGS_SET, i] > 0:
            fact["set"] = flags_of(buffer, number[field.FLAGS_SET, i], int(length[field.FLAGS_SET, i]), words)
        if length[field.FLAGS_UNSET, i] > 0:
            fact["unset"] = flags_of(buffer, number[field.FLAGS_UNSET, i], int(length[field.FLAGS_UNSET, i]), words)
        ask["lot_start"], ask["lot_length"] = number[field.LOT, i], length[field.LOT, i]


class Made(NamedTuple):
    """What the rules look at of each scan, and the units of those that name another."""

    facts: npt.NDArray[np.void]
    asks: npt.NDArray[np.void]
    linked: Numbers


def make_facts(columns: Columns, unit: npt.NDArray[np.int32], sites: npt.NDArray[np.int32], ordinal: Numbers) -> Made:
    """Return the fact each scan may leave and what it asks."""
    facts, asks = np.zeros(len(unit), FACT), np.zeros(len(unit), ASK)
    read = columns.buffer, columns.number, columns.length
    _write(facts, asks, *read, unit, sites, ordinal, _COUNT_DOCUMENT, WORDS)
    return Made(facts, asks, name_counterparts(columns, unit, facts, asks))


def join_keys(keys: list[bytes | None]) -> tuple[Bytes, Numbers]:
    """Lay record keys end to end; a null key is empty, and is no unit's."""
    return join(keys) if None not in keys else join([key or b"" for key in keys])  # type: ignore[arg-type]
