"""The id of an imported scan: a hash of what it says, so that the same row imported again is the same scan.

It is made of unit key, step, event_time, site, reader and document, never of a row number or a file: the same rows
shuffled, cut into other files or sent twice give the same ids.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.domain.compiled import compiled
from pipeline.wire.text_column import Text

_BASIS: Final = np.uint64(14695981039346656037)
_PRIME: Final = np.uint64(1099511628211)
_OTHER_BASIS: Final = np.uint64(0x9E3779B97F4A7C15)
_OTHER_PRIME: Final = np.uint64(0xC2B2AE3D27D4EB4F)
_SHIFT: Final = np.uint64(29)
_BYTE: Final = np.uint64(255)
_EIGHT: Final = np.uint64(8)
_HEX: Final = np.frombuffer(bytes(range(256)).hex().encode(), np.uint8).reshape(256, 2)


def import_ids(
    keys: Text, step: Text, site: Text, reader: Text | None, document: Text | None, event_time: NDArray[np.int64]
) -> Text:
    """Return the ids of scans that have none, by what they say; a reader or document left out is null in every row."""
    nothing = Text.of_codes([], np.full(len(keys), -1))
    given = (nothing if text is None else text for text in (reader, document))
    return scan_ids((keys, step, site, *given), (event_time,))


def correcting_ids(ids: Text, corrects: Text) -> Text:
    """Return the ids of scans that take others back: what they correct counts too, or two VOIDs would be one scan."""
    return scan_ids((ids, corrects), ())


def scan_ids(texts: tuple[Text, ...], numbers: tuple[NDArray[np.int64], ...]) -> Text:
    """Return 32 hex digits per row, of all its texts and numbers.

    Two hashes of 64 bits, each over the length and the bytes of every text, so that no boundary can be mistaken: FNV-1a
    and a multiply and shift. A null differs from an empty text.
    """
    rows = len(texts[0])
    state = np.empty((2, rows), np.uint64)
    state[0], state[1] = _BASIS, _OTHER_BASIS
    with np.errstate(over="ignore"):  # a hash overflows by design; uncompiled, numpy would warn of it
        for text in texts:
            _mix_text(state, text.buffer, text.starts, text.codes)
        for number in numbers:
            _mix_number(state, number)
    digest = state.T.astype(">u8").tobytes()
    return Text.fixed(_HEX[np.frombuffer(digest, np.uint8).reshape(rows, 16)].reshape(rows, 32))


@compiled
def _mix(state: NDArray[np.uint64], row: int, byte: np.uint64) -> None:
    state[0, row] = (state[0, row] ^ byte) * _PRIME
    other = (state[1, row] ^ byte) * _OTHER_PRIME
    state[1, row] = other ^ (other >> _SHIFT)


@compiled
def _mix_whole(state: NDArray[np.uint64], row: int, number: np.uint64) -> None:
    for _ in range(8):
        _mix(state, row, number & _BYTE)
        number = number >> _EIGHT


@compiled
def _mix_text(
    state: NDArray[np.uint64], buffer: NDArray[np.uint8], starts: NDArray[np.int64], codes: NDArray[np.int32]
) -> None:
    for row in range(len(codes)):
        code = codes[row]
        if code < 0:
            _mix_whole(state, row, np.uint64(0))
            continue
        start, end = starts[code], starts[code + 1]
        _mix_whole(state, row, np.uint64(end - start + 1))
        for at in range(start, end):
            _mix(state, row, np.uint64(buffer[at]))


@compiled
def _mix_number(state: NDArray[np.uint64], numbers: NDArray[np.int64]) -> None:
    for row in range(len(numbers)):
        _mix_whole(state, row, np.uint64(numbers[row]))
