"""What few scans say beside the columns that all have; and the documents that are told before the scans."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.simulate.rows import NONE, Rows
from pipeline.wire.scan_encode import NO_DATE, TextField
from pipeline.wire.text_column import Text

OWN_SOURCE = b"simulator"


class Extra(NamedTuple):
    """What one scan says; `likely` is not of the scan: the key of the unit that it is a misreading of."""

    container: bytes | None = None
    other_unit: bytes | None = None
    flags_set: bytes | None = None
    flags_unset: bytes | None = None
    source: bytes | None = None
    expiry: int | None = None
    likely: bytes | None = None


_TEXTS: tuple[TextField, ...] = ("container", "other_unit", "flags_set", "flags_unset")


class Paper(NamedTuple):
    """A document that is told before the scans: the units it expects, each with the sale it must have been under."""

    name: str
    units: tuple[tuple[str, str], ...]


def extra_texts(rows: Rows, extras: Sequence[Extra]) -> dict[TextField, Text]:
    """Return the columns that only some rows have; none where no row has any, but the source of all."""
    said = np.flatnonzero(rows["extra"])
    told = [extras[extra] for extra in rows["extra"][said].tolist()]
    texts: dict[TextField, Text] = {
        name: _column(len(rows), said, [getattr(extra, name) for extra in told])
        for name in _TEXTS
        if any(getattr(extra, name) is not None for extra in told)
    }
    sources = [OWN_SOURCE, *(extra.source or OWN_SOURCE for extra in told)]
    codes = np.zeros(len(rows), np.int32)
    codes[said] = np.arange(1, len(sources))
    return texts | {"source": Text.of_codes(sources, codes)}


def extra_expiries(rows: Rows, extras: Sequence[Extra]) -> NDArray[np.int32] | None:
    """Return the expiry dates of rows, None where no row has any."""
    said = np.flatnonzero(rows["extra"])
    dates = [extras[extra].expiry for extra in rows["extra"][said].tolist()]
    if not any(date is not None for date in dates):
        return None
    column = np.full(len(rows), NO_DATE, np.int32)
    column[said] = [NO_DATE if date is None else date for date in dates]
    return column


def _column(count: int, said: NDArray[np.integer], values: Sequence[bytes | None]) -> Text:
    codes = np.full(count, NONE, np.int32)
    codes[said] = [NONE if value is None else place for place, value in enumerate(values)]
    return Text.of_codes([value or b"" for value in values], codes)
