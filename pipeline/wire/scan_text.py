"""Whether bytes are UTF-8, in machine code: texts are copied byte for byte into outputs that others must read."""

import numpy as np
from numpy.typing import NDArray

from pipeline.domain.compiled import compiled

Bytes = NDArray[np.uint8]


@compiled
def is_ascii(buffer: Bytes, start: int, end: int) -> bool:
    """Return whether the bytes start to end are all below 128; a loop that the compiler turns into vectors."""
    seen = np.uint8(0)
    for at in range(start, end):
        seen |= buffer[at]
    return seen < 128


@compiled
def is_utf8(buffer: Bytes, start: int, end: int) -> bool:
    """Return whether the bytes start to end are well-formed UTF-8.

    Source: The Unicode Standard, table 3-7: no overlong forms, no surrogates, nothing above U+10FFFF.
    """
    if is_ascii(buffer, start, end):
        return True
    at = start
    while at < end:
        lead = buffer[at]
        if lead < 0x80:
            at += 1
            continue
        more, low, high = _follows(lead)
        if more == 0 or end - at <= more or buffer[at + 1] < low or buffer[at + 1] > high:
            return False
        for place in range(at + 2, at + 1 + more):
            if buffer[place] & 0xC0 != 0x80:
                return False
        at += 1 + more
    return True


@compiled
def _follows(lead: int) -> tuple[int, int, int]:
    """Return how many bytes follow a lead byte and the bounds of the first of them; none where it cannot lead."""
    more, low, high = 0, 0x80, 0xBF
    if 0xC2 <= lead <= 0xDF:
        more = 1
    elif 0xE0 <= lead <= 0xEF:
        more = 2
        low = 0xA0 if lead == 0xE0 else 0x80
        high = 0x9F if lead == 0xED else 0xBF
    elif 0xF0 <= lead <= 0xF4:
        more = 3
        low = 0x90 if lead == 0xF0 else 0x80
        high = 0x8F if lead == 0xF4 else 0xBF
    return more, low, high
