"""Kafka's record batches as columns, held to what aiokafka itself makes of the same bytes."""

import pytest
from aiokafka.record.default_records import DefaultRecordBatch, DefaultRecordBatchBuilder
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.wire.record_batch import CorruptBatch, read_records
from pipeline.worker.fetch import batch_of, columns_of, records_from

BYTES = st.none() | st.binary(max_size=40)
RECORDS = st.lists(
    st.tuples(BYTES, BYTES, st.lists(st.tuples(st.text(max_size=5), st.binary(max_size=5)), max_size=2)),
    min_size=1,
    max_size=20,
)
CODECS = st.sampled_from([0, 1, 2, 3, 4])


def written(records: list[tuple[bytes | None, bytes | None, list[tuple[str, bytes]]]], codec: int) -> bytes:
    builder = DefaultRecordBatchBuilder(
        magic=2,
        compression_type=codec,
        is_transactional=0,
        producer_id=-1,
        producer_epoch=-1,
        base_sequence=-1,
        batch_size=1_000_000,
    )
    for place, (key, value, headers) in enumerate(records):
        builder.append(place, timestamp=1_700_000_000_000 + place, key=key, value=value, headers=headers)
    return bytes(builder.build())


@settings(deadline=None)
@given(RECORDS, CODECS)
def test_columns_say_what_aiokafka_says_of_every_record(
    records: list[tuple[bytes | None, bytes | None, list[tuple[str, bytes]]]], codec: int
) -> None:
    raw = written(records, codec)
    data, columns = columns_of(memoryview(raw))
    batch = batch_of([(data, columns)])
    expected = list(DefaultRecordBatch(bytearray(raw)))
    assert batch.keys == [record.key for record in expected]
    assert list(batch.values) == [record.value for record in expected]
    assert batch.offsets.tolist() == [record.offset for record in expected]
    assert batch.received_at.tolist() == [record.timestamp for record in expected]


@settings(deadline=None)
@given(RECORDS, st.data())
def test_damaged_records_are_refused_and_nothing_outside_them_is_read(
    records: list[tuple[bytes | None, bytes | None, list[tuple[str, bytes]]]], choice: st.DataObject
) -> None:
    data, columns = columns_of(memoryview(written(records, 0)))
    cut = choice.draw(st.integers(0, len(data) - 1))
    with pytest.raises(CorruptBatch):
        read_records(data[:cut], len(columns.offset))


def test_several_batches_become_one_and_what_lies_before_the_position_is_left_out() -> None:
    first = columns_of(memoryview(written([(b"a", b"1", []), (b"b", None, [])], 3)))
    second = columns_of(memoryview(written([(None, b"3", []), (b"d", b"4", [])], 0)))
    batch = batch_of([(first[0], first[1]), (second[0], records_from(second[1], 1))])
    assert batch.keys == [b"a", b"b", b"d"]
    assert list(batch.values) == [b"1", None, b"4"]
    assert batch.values[1:] == [None, b"4"]
