"""Flags of a unit: words of the CBV that stay with it, as the bits of a number."""

from typing import Final

import numpy as np

from pipeline.domain.compiled import compiled
from pipeline.domain.slices import Bytes, hash_slice, join

FLAGS: Final = (
    "damaged", "expired", "mismatch_class", "mismatch_instance", "mismatch_quantity", "needs_replacement",
    "no_pedigree_match", "non_conformant", "recalled", "stolen", "unavailable",
)  # fmt: skip
"""Sorted; append-only all the same, because a flag's bit is its place here and bits are in the stored states."""
EXPIRED_FLAG: Final = 1 << FLAGS.index("expired")
RECALLED_FLAG: Final = 1 << FLAGS.index("recalled")
STOLEN_FLAG: Final = 1 << FLAGS.index("stolen")
LONGEST_FLAGS: Final = len(" ".join(FLAGS))

FLAG_TEXTS, FLAG_STARTS = join([flag.encode() for flag in FLAGS])
FLAG_HASHES: Final = np.array(
    [hash_slice(FLAG_TEXTS, FLAG_STARTS[at], int(FLAG_STARTS[at + 1] - FLAG_STARTS[at])) for at in range(len(FLAGS))],
    np.int64,
)
_SPACE: Final = ord(" ")


@compiled
def flag_of(buffer: Bytes, start: int, length: int, hashes: Bytes) -> int:
    """Return the bit of one word, 0 where it is no flag."""
    word = hash_slice(buffer, start, length)
    for at in range(len(hashes)):
        if hashes[at] == word:
            return 1 << at
    return 0


@compiled
def flags_of(buffer: Bytes, start: int, length: int, hashes: Bytes) -> int:
    """Return the bits of words with single spaces between; words that are no flags are passed over."""
    flags, begin = 0, start
    for at in range(start, start + max(length, 0) + 1):
        if at == start + length or buffer[at] == _SPACE:
            if at > begin:
                flags |= flag_of(buffer, begin, at - begin, hashes)
            begin = at + 1
    return flags


def flags_text(flags: int) -> str:
    """Return the words of bits, as scans write them."""
    return " ".join(flag for at, flag in enumerate(FLAGS) if flags >> at & 1)
