"""The partition of a key is the one that Kafka's own producers choose."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.domain.routing import murmur2, murmur2_slice, partition_of, partition_of_slice

COMPILING = settings(deadline=None)  # the first example pays for the compiler

# org.apache.kafka.common.utils.UtilsTest.testMurmur2
JAVA = [
    (b"21", -973932308),
    (b"foobar", -790332482),
    (b"a-little-bit-long-string", -985981536),
    (b"a-little-bit-longer-string", -1486304829),
    (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
    (b"abc", 479470107),
]


@pytest.mark.parametrize(("key", "signed"), JAVA)
def test_the_hash_is_that_of_kafkas_own_unit_test(key: bytes, signed: int) -> None:
    assert murmur2(key) == signed & 0xFFFFFFFF


@pytest.mark.parametrize(("key", "signed"), JAVA)
def test_the_partition_is_the_positive_hash_modulo_the_count(key: bytes, signed: int) -> None:
    assert partition_of(key, 12) == (signed & 0x7FFFFFFF) % 12


@COMPILING
@given(st.binary(max_size=40), st.binary(max_size=5), st.binary(max_size=5), st.integers(1, 1000))
def test_a_slice_is_hashed_without_its_surroundings(key: bytes, before: bytes, after: bytes, count: int) -> None:
    buffer = np.frombuffer(before + key + after, np.uint8)
    start, end = len(before), len(before) + len(key)
    assert murmur2_slice(buffer, start, end) == murmur2(key)
    assert 0 <= partition_of_slice(buffer, start, end, count) == partition_of(key, count) < count
