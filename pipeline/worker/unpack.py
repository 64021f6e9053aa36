"""Record batches uncompressed, into no more memory than a batch may take.

Flow: a codec's number and the compressed records of one batch -> the records' bytes.

A few kilobytes can be made to become gigabytes, and whoever may write scans may write such a batch.
"""

import struct
import threading
from collections.abc import Callable
from typing import Final

import numpy as np
from cramjam import DecompressionError, gzip, lz4, snappy, zstd

BATCH_BYTES: Final = 64 * 1024 * 1024
"""What a batch may become. The broker takes 2 MiB compressed, and producers limit their batches before compression."""

_XERIAL: Final = b"\x82SNAPPY\0" + struct.pack(">ii", 1, 1)
"""What Java's snappy begins with: blocks follow, each after its length."""
_LENGTH: Final = struct.Struct(">I")


class Unpackable(ValueError):
    """The records of a batch cannot be had: too many bytes, or none that its codec could have written."""


class _Room(threading.local):
    """Where a thread's batches are uncompressed; it takes memory only as far as it was ever filled."""

    def __init__(self) -> None:
        self.bytes = np.empty(BATCH_BYTES, np.uint8).data


_ROOM: Final = _Room()


def _unpack_snappy(packed: bytes, room: memoryview) -> int:
    if not packed.startswith(_XERIAL):
        return int(snappy.decompress_raw_into(packed, room))
    at, filled = len(_XERIAL), 0
    while at < len(packed):
        (length,) = _LENGTH.unpack_from(packed, at)
        at += _LENGTH.size
        filled += int(snappy.decompress_raw_into(packed[at : at + length], room[filled:]))
        at += length
    return filled


_CODECS: Final[dict[int, Callable[[bytes, memoryview], int]]] = {
    1: gzip.decompress_into,
    2: _unpack_snappy,
    3: lz4.decompress_into,
    4: zstd.decompress_into,
}


def unpack(codec: int, packed: bytes) -> bytes:
    """Uncompress the records of a batch.

    Raises:
        Unpackable: they would take more than BATCH_BYTES, or the codec cannot read them.
    """
    if codec == 0:
        return packed
    room = _ROOM.bytes
    try:
        return room[: _CODECS[codec](packed, room)].tobytes()
    except (DecompressionError, struct.error) as error:
        message = f"{len(packed)} bytes, which are to become at most {BATCH_BYTES}: {error}"
        raise Unpackable(message) from error
