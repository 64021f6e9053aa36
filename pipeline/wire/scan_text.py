"""Whether bytes are UTF-8, in machine code: texts are copied byte for byte into outputs that others must read."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.domain.inlined import inlined

Bytes = NDArray[np.uint8]

_CONTINUATION_LEAST: Final = 0x80
_CONTINUATION_MOST: Final = 0xBF
# First and last lead byte, bytes that follow, least and most of the first of these.
_LEADS: Final = (
    (0xC2, 0xDF, 1, 0x80, 0xBF),
    (0xE0, 0xE0, 2, 0xA0, 0xBF),
    (0xE1, 0xEC, 2, 0x80, 0xBF),
    (0xED, 0xED, 2, 0x80, 0x9F),
    (0xEE, 0xEF, 2, 0x80, 0xBF),
    (0xF0, 0xF0, 3, 0x90, 0xBF),
    (0xF1, 0xF3, 3, 0x80, 0xBF),
    (0xF4, 0xF4, 3, 0x80, 0x8F),
)


@inlined
def is_ascii(buffer: Bytes, start: int, end: int) -> bool:
    """Return whether the bytes start to end are all below 128; a loop that the compiler turns into vectors."""
    seen = np.uint8(0)
    for at in range(start, end):
        seen |= buffer[at]
    return bool(seen < _CONTINUATION_LEAST)


@inlined
def is_utf8(buffer: Bytes, start: int, end: int) -> bool:
    """Return whether the bytes start to end are well-formed UTF-8.

    Source: The Unicode Standard, table 3-7: no overlong forms, no surrogates, nothing above U+10FFFF.
    """
    if is_ascii(buffer, start, end):
        return True
    at = start
    while at < end:
        lead = buffer[at]
        if lead < _CONTINUATION_LEAST:
            at += 1
            continue
        more, low, high = _follows(lead)
        if more == 0 or end - at <= more or buffer[at + 1] < low or buffer[at + 1] > high:
            return False
        for place in range(at + 2, at + 1 + more):
            if buffer[place] & 0xC0 != _CONTINUATION_LEAST:
                return False
        at += 1 + more
    return True


@inlined
def _follows(lead: int) -> tuple[int, int, int]:
    """Return how many bytes follow a lead byte and the bounds of the first of them; none where it cannot lead."""
    for row in range(len(_LEADS)):
        first, last, more, low, high = _LEADS[row]
        if first <= lead <= last:
            return more, low, high
    return 0, _CONTINUATION_LEAST, _CONTINUATION_MOST
