"""Plain units known by their number, and scans of them: to fill a ledger with, or to ask it about many of them."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.domain.scan import COMMISSION, COUNT
from pipeline.wire.scan_encode import ScanRows, Slices, encode_scans, unit_keys
from pipeline.wire.text_column import Text, slices

_ITEM: Final = b"gtin:09506000134352"
_SITES: Final = tuple(b"shop-%d" % n for n in range(1, 30))
_DIGITS: Final = 10
_ID_DIGITS: Final = 16
_START_MS: Final = 1_735_689_600_000
_STEP_MS: Final = 3_600_000

Scans = tuple[list[bytes], list[bytes]]


def key_slices(units: NDArray[np.int64]) -> Slices:
    """Return the keys of units end to end, and where each begins."""
    return unit_keys(Text.constant(_ITEM, len(units)), _serials(units))


def scans_of(units: NDArray[np.int64], turns: NDArray[np.int64]) -> Scans:
    """Return keys and values of one scan per row: the unit's commissioning at turn 0, then a count an hour later each.

    Shape: int64 units and turns, one per scan; a unit's turns must differ, or it is the same scan again.
    """
    rows, serial = len(units), _serials(units)
    item = Text.constant(_ITEM, rows)
    texts = {
        "scan_id": Text.fixed(_digits(units * 10_000 + turns, _ID_DIGITS)),
        "item": item,
        "serial": serial,
        "site": Text.of_codes(_SITES, units % len(_SITES)),
        "source": Text.constant(b"bench", rows),
    }
    when = _START_MS + turns * _STEP_MS
    steps = np.where(turns == 0, COMMISSION, COUNT)
    encoded = encode_scans(ScanRows(texts, steps, when, when, np.zeros(rows, np.int64)))  # type: ignore[arg-type]
    return slices(*unit_keys(item, serial)), slices(*encoded)


def _serials(units: NDArray[np.int64]) -> Text:
    digits = _digits(units, _DIGITS)
    return Text.fixed(np.concatenate([np.full((len(units), 1), ord("U"), np.uint8), digits], axis=1))


def _digits(numbers: NDArray[np.int64], width: int) -> NDArray[np.uint8]:
    return (numbers[:, None] // 10 ** np.arange(width - 1, -1, -1) % 10 + ord("0")).astype(np.uint8)
