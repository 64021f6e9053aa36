"""Fetched record batches that would take the worker's memory: each of their records is accounted for all the same."""

from pathlib import Path

import cramjam
import numpy as np
import pytest
from aiokafka import TopicPartition
from aiokafka.codec import snappy_encode
from aiokafka.consumer.fetcher import READ_COMMITTED
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from hypothesis import given
from hypothesis import strategies as st

from pipeline.broker.clients import producer
from pipeline.broker.topics import Topics
from pipeline.ledger.batch import Batch
from pipeline.settings import Settings
from pipeline.wire.schemas import encode
from pipeline.worker.fetch import ColumnRecords, RawRecords
from pipeline.worker.unpack import BATCH_BYTES, Unpackable, unpack
from tests.oracle.arrivals import a_scan
from tests.worker.account import Account, wait_until_accounted
from tests.worker.running import WAIT_SECONDS, a_ledger, running, send

_GZIP, _SNAPPY, _LZ4, _ZSTD = 1, 2, 3, 4
_TOO_MUCH = bytes(BATCH_BYTES + 1)
_KEY = b"sku:ACME/PUMP/1"


def a_batch(first: int, values: list[bytes], codec: int = 0) -> bytes:
    builder = DefaultRecordBatchBuilder(2, codec, 0, -1, -1, -1, 2 * BATCH_BYTES)
    for place, value in enumerate(values):
        builder.append(place, timestamp=1_700_000_000_000 + place, key=_KEY, value=value, headers=[])
    batch = builder.build()
    batch[:8] = first.to_bytes(8, "big")  # the checksum begins behind it
    return bytes(batch)


def fetched(raw: bytes, offset: int = 0) -> ColumnRecords:
    return ColumnRecords(TopicPartition("scans", 0), RawRecords(raw), [], offset, None, None, True, READ_COMMITTED)


def offsets_of(batches: list[Batch]) -> list[list[int]]:
    return [batch.offsets.tolist() for batch in batches]


@pytest.fixture
def three_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ColumnRecords, "limit", 3)


@pytest.mark.parametrize(
    ("codec", "packed"),
    [
        (_GZIP, bytes(cramjam.gzip.compress(_TOO_MUCH, level=1))),
        (_SNAPPY, bytes(cramjam.snappy.compress_raw(_TOO_MUCH))),
        (_SNAPPY, snappy_encode(_TOO_MUCH)),
        (_LZ4, bytes(cramjam.lz4.compress(_TOO_MUCH))),
        (_ZSTD, bytes(cramjam.zstd.compress(_TOO_MUCH))),
    ],
    ids=["gzip", "snappy", "Java's snappy", "lz4", "zstd"],
)
def test_no_codec_makes_more_of_a_batch_than_it_may_become(codec: int, packed: bytes) -> None:
    with pytest.raises(Unpackable):
        unpack(codec, packed)


@given(st.integers(_GZIP, _ZSTD), st.binary(max_size=60), st.booleans())
def test_bytes_that_a_codec_cannot_read_are_told_apart_from_records(codec: int, packed: bytes, is_java: bool) -> None:
    begin = snappy_encode(b"") if codec == _SNAPPY and is_java else b""
    try:
        assert len(unpack(codec, begin + packed)) <= BATCH_BYTES
    except Unpackable:
        return


@pytest.mark.usefixtures("three_at_a_time")
def test_a_batch_too_large_comes_as_its_offsets_with_empty_values_between_its_neighbours() -> None:
    bomb = [b"x", _TOO_MUCH, b"x", b"x"]
    records = fetched(a_batch(0, [b"a"]) + a_batch(1, bomb, _ZSTD) + a_batch(5, [b"b"]))
    batches = list(records)
    assert offsets_of(batches) == [[0, 1, 2, 3], [4, 5]]
    assert [value for batch in batches for value in batch.values] == [b"a", b"", b"", b"", b"", b"b"]
    assert [key for batch in batches for key in batch.keys] == [_KEY, None, None, None, None, _KEY]
    assert batches[0].received_at.tolist()[1:] == [1_700_000_000_003] * 3
    assert records.next_fetch_offset == 6


@pytest.mark.usefixtures("three_at_a_time")
@pytest.mark.parametrize("values", [[b"x"] * 8, [b"x"] * 7 + [_TOO_MUCH]], ids=["readable", "too large"])
def test_a_batch_of_very_many_records_comes_in_pieces_and_each_may_be_the_last_one_taken(values: list[bytes]) -> None:
    raw = a_batch(10, values, _ZSTD)
    records = fetched(raw, 12)
    assert (next(records).offsets.tolist(), records.next_fetch_offset) == ([12, 13, 14], 15)
    assert offsets_of(list(fetched(raw, 15))) == offsets_of(list(records)) == [[15, 16, 17]]


def test_batches_that_are_large_together_are_not_joined() -> None:
    half = bytes(BATCH_BYTES // 2)
    raw = b"".join(a_batch(n, [half], _ZSTD) for n in range(5))
    assert offsets_of(list(fetched(raw))) == [[0, 1], [2, 3], [4]]


def send_bomb(settings: Settings, topic: str) -> None:
    large = dict.fromkeys(("message.max.bytes", "batch.size"), 2 * BATCH_BYTES)
    told: dict[str, object] = {"compression.type": "zstd", "linger.ms": 1_000}
    client = producer(settings, **large | told)
    for value in (b"\0", _TOO_MUCH):
        client.produce(Topics.load(settings.topic_prefix).name(topic), value, _KEY, 0)
    assert client.flush(WAIT_SECONDS) == 0


def test_a_bomb_in_either_input_is_accounted_for_and_the_worker_goes_on(kafka_bootstrap: str, tmp_path: Path) -> None:
    settings = a_ledger(kafka_bootstrap, tmp_path)
    for topic in ("scans", "internal"):
        send_bomb(settings, topic)
    send(settings, "scans", [(_KEY, encode("scan", a_scan()))])
    with running(settings) as worker:
        wait_until_accounted(settings, 0)
        assert worker.health()["ok"]
        assert worker.stop() == 0
    account = Account(settings, 0)
    fates = account.fates()
    assert set(fates) == set(account.inputs)
    assert [one.fields["ordinal"] for one in account.by_ordinal] == list(range(1, len(account.inputs) + 1))
    letters = [fate.fields for (_, offset), fate in fates.items() if fate.stream == "dead_letters"]
    assert [(letter["error"], letter["size"]) for letter in letters] == [("TRUNCATED", 0)] * 4
    assert np.sum([fate.stream == "verdicts" for fate in fates.values()]) == 1
