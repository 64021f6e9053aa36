"""Flags of a unit: words of the CBV that stay with it, as the bits of a number.

Flow: the texts of a scan -> bits; bits -> text.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.domain.compiled import compiled
from pipeline.domain.slices import Bytes, hash_slice, join, starts_with
from pipeline.domain.unit_state import FIT_FACT, STATED_FACT, Record

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


class Words(NamedTuple):
    """The words that a disposition is compared with: hashes of the flags, of those that say: go on, a beginning."""

    flags: npt.NDArray[np.int64]
    fit: npt.NDArray[np.int64]
    sellable: Bytes


def _hashes(words: Sequence[str]) -> npt.NDArray[np.int64]:
    return np.array([hash_slice(np.frombuffer(word.encode(), np.uint8), 0, len(word)) for word in words], np.int64)


WORDS: Final = Words(_hashes(FLAGS), _hashes(("conformant", "available")), np.frombuffer(b"sellable_", np.uint8))
_SPACE: Final = ord(" ")


@compiled
def place_of_word(buffer: Bytes, start: int, length: int, hashes: npt.NDArray[np.int64]) -> int:
    """Return which of some words a text is, -1 where it is none."""
    word = hash_slice(buffer, start, length)
    for at in range(len(hashes)):
        if hashes[at] == word:
            return at
    return -1


@compiled
def flags_of(buffer: Bytes, start: int, length: int, words: Words) -> int:
    """Return the bits of words with single spaces between; words that are no flags are passed over."""
    flags, begin = 0, start
    for at in range(start, start + max(length, 0) + 1):
        if at == start + length or buffer[at] == _SPACE:
            flag = place_of_word(buffer, begin, at - begin, words.flags)
            flags |= 1 << flag if flag >= 0 else 0
            begin = at + 1
    return flags


@compiled
def dispose(fact: Record, buffer: Bytes, start: int, length: int, words: Words) -> None:
    """Note the disposition that a scan states: as a flag where it is one, and whether the unit may go on."""
    flag = place_of_word(buffer, start, length, words.flags)
    fact["flags"] |= STATED_FACT
    fact["plain"] = 1 << flag if flag >= 0 else 0
    is_fit = place_of_word(buffer, start, length, words.fit) >= 0
    if is_fit or starts_with(buffer, start, length, words.sellable):
        fact["flags"] |= FIT_FACT


def flags_text(flags: int) -> str:
    """Return the words of bits, as scans write them."""
    return " ".join(flag for at, flag in enumerate(FLAGS) if flags >> at & 1)
