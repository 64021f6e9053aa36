"""The rows of a simulation: one structured array, numbers only; text is made of them when they are encoded."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

NONE: Final = -1
HOUR: Final = 3_600_000
MINUTE: Final = 60_000

ROW: Final = np.dtype(
    [
        ("unit", np.int32),  # in the wave's Units
        ("slot", np.int16),  # in the profile; NONE for a planted scan
        ("step", np.int16),
        ("event", np.int64),
        ("capture", np.int64),
        ("sent", np.int64),  # the order of sending; nothing of it is in the record
        ("site", np.int32),
        ("destination", np.int32),
        ("reader", np.int32),
        ("operator", np.int32),
        ("document", np.int64),  # kind * DOCUMENT_SPAN + number
        ("lot", np.int32),
        ("condition", np.int16),
        ("symptom", np.int16),  # of a failure, an attribute
        ("origin", np.int16),
        ("id", np.int64),
        ("corrects", np.int64),
        ("planted", np.int16),  # in EXPECTED
        ("extra", np.int32),  # in the wave's extras, 0 of most: nothing
    ]
)
Rows = NDArray[np.void]

DOCUMENT_SPAN: Final = 10**12
DOCUMENT_KINDS: Final = ("asn", "order", "rma", "count")


def documents(kind: str, numbers: NDArray[np.integer]) -> NDArray[np.int64]:
    """Return the numbers as documents of a kind."""
    return DOCUMENT_KINDS.index(kind) * DOCUMENT_SPAN + numbers.astype(np.int64)


@lru_cache(maxsize=200_000)
def document_name(number: int) -> bytes:
    """Return the name of a document."""
    kind, rest = divmod(number, DOCUMENT_SPAN)
    return b"%s:%d" % (DOCUMENT_KINDS[kind].encode(), rest)
