"""Text as slices of one buffer: hashing and comparing it without making a string of it."""

import numpy as np
import numpy.typing as npt

from pipeline.domain.compiled import compiled, config

Bytes = npt.NDArray[np.uint8]

_FNV_BASIS = 14695981039346656037
_FNV_PRIME = 1099511628211
_WORD = 1 << 64
_SIGN = 1 << 63


@compiled
def _hash_slice(buffer: Bytes, start: int, length: int) -> int:
    """Return a 64-bit hash (FNV-1a) of a slice; never 0, which stands for no text; 0 for a length below 0.

    Source: draft-eastlake-fnv.
    """
    if length < 0:
        return 0
    value = np.uint64(_FNV_BASIS)
    for at in range(start, start + length):
        value = (value ^ np.uint64(buffer[at])) * np.uint64(_FNV_PRIME)
    signed = np.int64(value)
    return 1 if signed == 0 else int(signed)


def _plain_hash_slice(buffer: Bytes, start: int, length: int) -> int:
    if length < 0:
        return 0
    value = _FNV_BASIS
    for byte in buffer[start : start + length].tolist():
        value = (value ^ byte) * _FNV_PRIME % _WORD
    return (value - _WORD if value >= _SIGN else value) or 1


# numpy's own numbers would warn of every overflow that a hash is made of.
hash_slice = _plain_hash_slice if config.DISABLE_JIT else _hash_slice


@compiled
def same_slice(a: Bytes, a_start: int, b: Bytes, b_start: int, length: int) -> bool:
    """Whether two slices of one length hold the same bytes."""
    for at in range(length):  # noqa: SIM110  compiled: all() over a generator is not
        if a[a_start + at] != b[b_start + at]:
            return False
    return True


@compiled
def starts_with(buffer: Bytes, start: int, length: int, beginning: Bytes) -> bool:
    """Whether a slice begins with a text; no text, of a length below 0, begins with nothing."""
    if length < len(beginning):
        return False
    for at in range(len(beginning)):  # noqa: SIM110  compiled: all() over a generator is not
        if buffer[start + at] != beginning[at]:
            return False
    return True


def join(texts: list[bytes]) -> tuple[Bytes, npt.NDArray[np.int64]]:
    """Lay texts end to end: the buffer, and where each starts; one more start than texts."""
    starts = np.zeros(len(texts) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)), out=starts[1:])
    return np.frombuffer(b"".join(texts), np.uint8), starts
