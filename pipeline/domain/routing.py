"""Which partition a unit belongs to: Kafka's own murmur2, so that every producer and the worker agree.

Source: org.apache.kafka.common.utils.Utils.murmur2 and BuiltInPartitioner; librdkafka's `murmur2_random`.
"""

import numpy as np
from numpy.typing import NDArray

from pipeline.domain.compiled import compiled
from pipeline.domain.inlined import inlined

Bytes = NDArray[np.uint8]

_SEED = 0x9747B28C
_M = 0x5BD1E995
_R = 24
_MASK = 0xFFFFFFFF
_POSITIVE = 0x7FFFFFFF


@inlined
def _byte(buffer: Bytes, at: int) -> int:
    return int(np.int64(buffer[at]))  # plain Python must not compute in uint8, nor numba in uint64


@inlined
def murmur2_slice(buffer: Bytes, start: int, end: int) -> int:
    """Return the hash of the bytes start to end of a buffer of uint8, as an unsigned 32-bit number."""
    length = end - start
    h = _SEED ^ length
    at = start
    while at + 4 <= end:
        k = _byte(buffer, at) | _byte(buffer, at + 1) << 8 | _byte(buffer, at + 2) << 16 | _byte(buffer, at + 3) << 24
        k = (k * _M) & _MASK
        k ^= k >> _R
        k = (k * _M) & _MASK
        h = ((h * _M) & _MASK) ^ k
        at += 4
    left = end - at
    if left == 3:  # noqa: PLR2004  as the original counts
        h ^= _byte(buffer, at + 2) << 16
    if left >= 2:  # noqa: PLR2004
        h ^= _byte(buffer, at + 1) << 8
    if left >= 1:
        h ^= _byte(buffer, at)
        h = (h * _M) & _MASK
    h ^= h >> 13
    h = (h * _M) & _MASK
    return h ^ (h >> 15)


@inlined
def partition_of_slice(buffer: Bytes, start: int, end: int, count: int) -> int:
    """Return the partition of the key that is the bytes start to end of a buffer."""
    return (murmur2_slice(buffer, start, end) & _POSITIVE) % count


def murmur2(key: bytes) -> int:
    """Return Kafka's hash of a key, as an unsigned 32-bit number."""
    return int(murmur2_slice(np.frombuffer(key, np.uint8), 0, len(key)))


@compiled
def partitions_of(buffer: Bytes, starts: NDArray[np.int64], count: int) -> NDArray[np.int32]:
    """Return the partition among `count` of each key; key i is buffer[starts[i]:starts[i + 1]]."""
    partitions = np.empty(len(starts) - 1, np.int32)
    for i in range(len(partitions)):
        partitions[i] = partition_of_slice(buffer, starts[i], starts[i + 1], count)
    return partitions


def partition_of(key: bytes, count: int) -> int:
    """Return the partition of a key among `count`."""
    return int(partition_of_slice(np.frombuffer(key, np.uint8), 0, len(key), count))
