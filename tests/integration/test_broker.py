"""Creating, checking, sending and reading on the real broker."""

import time

import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import NewTopic  # type: ignore[attr-defined]

from pipeline.broker.admin import check_topics, create_topics, partition_counts, topic_configuration, watermarks
from pipeline.broker.clients import admin_client, consumer, producer, transactional_producer
from pipeline.broker.read import read_partition
from pipeline.broker.send import Sender, send_internal, send_scans
from pipeline.broker.topics import Topic, Topics
from pipeline.broker.transactions import Fenced, OwnershipLost, TransactionalWriter
from pipeline.errors import BrokerUnreachable, SettingsWrong, TopicsWrong
from pipeline.settings import Settings
from pipeline.wire.schemas import decode


def settings_of(**chosen: object) -> Settings:
    return Settings.model_validate(chosen)


@pytest.fixture
def settings(kafka_bootstrap: str, topic_prefix: str) -> Settings:
    return settings_of(kafka_bootstrap=kafka_bootstrap, topic_prefix=topic_prefix, partitions=4)


@pytest.fixture
def topics(settings: Settings) -> Topics:
    create_topics(settings)
    return Topics.load(settings.topic_prefix)


def create_by_hand(settings: Settings, topic: Topic, configuration: dict[str, str], partitions: int = 4) -> None:
    client = admin_client(settings)
    client.create_topics([NewTopic(topic.name, partitions, 1, config=configuration)])[topic.name].result()
    deadline = time.monotonic() + 30
    while topic.name not in partition_counts(settings, client):
        assert time.monotonic() < deadline


def test_creating_twice_creates_once_and_the_check_agrees(settings: Settings) -> None:
    assert len(create_topics(settings)) == len(Topics.load().all())
    assert create_topics(settings) == []
    assert check_topics(settings) == 4


def test_topics_added_later_get_as_many_partitions_as_the_others(settings: Settings) -> None:
    scans = Topics.load(settings.topic_prefix)["scans"]
    create_by_hand(settings, scans, topic_configuration(scans), partitions=3)
    whatever_there_is = settings.model_copy(update={"partitions": None})
    assert len(create_topics(whatever_there_is)) == len(Topics.load().all()) - 1
    assert check_topics(whatever_there_is) == 3


def test_missing_topics_are_named(settings: Settings) -> None:
    with pytest.raises(TopicsWrong, match=f"missing: {settings.topic_prefix}scans.*topics create"):
        check_topics(settings)


def test_other_partition_counts_are_refused(settings: Settings, topics: Topics) -> None:
    with pytest.raises(TopicsWrong, match="need the same number of partitions, 5"):
        check_topics(settings.model_copy(update={"partitions": 5}))


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"message.timestamp.type": "CreateTime"}, "message.timestamp.type=CreateTime, not LogAppendTime"),
        ({"cleanup.policy": "compact"}, "cleanup.policy=compact, not delete"),
        ({"max.message.bytes": "1000"}, "max.message.bytes=1000, less than"),
    ],
)
def test_a_topic_set_up_otherwise_is_refused(settings: Settings, changed: dict[str, str], complaint: str) -> None:
    scans = Topics.load(settings.topic_prefix)["scans"]
    create_by_hand(settings, scans, topic_configuration(scans) | changed)
    with pytest.raises(TopicsWrong, match=complaint):
        create_topics(settings)


def test_scans_keep_their_order_and_carry_the_brokers_time(settings: Settings, topics: Topics) -> None:
    keys = [b"sku:A/B/%d" % (row % 50) for row in range(12_000)]
    values = [b"%d" % row for row in range(12_000)]
    seen: list[int] = []
    before = int(time.time() * 1000)
    last = send_scans(settings, keys, values, seen.append)
    assert seen[-1] == 12_000
    records = {partition: list(read_partition(settings, "scans", partition)) for partition in range(4)}
    assert {partition: found[-1].offset for partition, found in records.items() if found} == last
    assert sorted(int(record.value or b"") for found in records.values() for record in found) == list(range(12_000))
    for found in records.values():
        assert [int(record.value or b"") for record in found] == sorted(int(record.value or b"") for record in found)
        assert all(before - 1000 <= record.timestamp <= before + 60_000 for record in found)


def test_an_internal_record_goes_to_each_partition_named(settings: Settings, topics: Topics) -> None:
    record = {"id": "1", "kind": "SITES", "subject": "sites", "base": 0, "author": "me", "sent_at": 5, "content": "[]"}
    assert send_internal(settings, record, range(3)) == {0: 0, 1: 0, 2: 0}
    (found,) = read_partition(settings, "internal", 2)
    assert found.key == b"sites"
    assert decode(found.value or b"") == ("internal", record)


def test_reading_ends_at_the_stop_and_begins_at_the_start(settings: Settings, topics: Topics) -> None:
    send_scans(settings, [b"same"] * 100, [b"%d" % row for row in range(100)])
    partition = next(place for place, marks in enumerate(watermarks(settings, topics.name("scans"))) if marks.high)
    assert [record.offset for record in read_partition(settings, "scans", partition, 10, 20)] == list(range(10, 20))
    assert [record.offset for record in read_partition(settings, "scans", partition, 98)] == [98, 99]
    assert list(read_partition(settings, "scans", partition, 100)) == []


def test_aborted_and_open_transactions_are_not_read_and_markers_do_not_block(
    settings: Settings, topics: Topics
) -> None:
    writer = transactional_producer(settings, f"{settings.topic_prefix}writer")
    writer.init_transactions(10)
    for text, ending in ((b"kept", writer.commit_transaction), (b"lost", writer.abort_transaction)):
        writer.begin_transaction()
        writer.produce(topics.name("verdicts"), text, partition=1)
        writer.flush(10)
        ending(10)
    assert [record.value for record in read_partition(settings, "verdicts", 1)] == [b"kept"]
    writer.begin_transaction()
    writer.produce(topics.name("verdicts"), b"open", partition=1)
    writer.flush(10)
    assert [record.value for record in read_partition(settings, "verdicts", 1)] == [b"kept"]
    writer.abort_transaction(10)


def test_a_full_scan_and_a_full_output_fit_into_a_record(settings: Settings, topics: Topics) -> None:
    sender = Sender(settings, "verdicts")
    sender.send([b"key"], [b"x" * 1024 * 1024], partition=0)
    assert sender.finish() == {0: 0}
    (found,) = read_partition(settings, "verdicts", 0)
    assert len(found.value or b"") == 1024 * 1024


def test_a_key_goes_where_kafkas_own_partitioner_puts_it(settings: Settings, topics: Topics) -> None:
    """The hashes are those of the unit test of Kafka's own `Utils.murmur2`."""
    for key, expected in ((b"21", -973932308), (b"foobar", -790332482), (b"a-little-bit-long-string", -985981536)):
        (partition,) = send_scans(settings, [key], [b""])
        assert partition == (expected & 0x7FFFFFFF) % 4


def test_a_reader_without_group_leaves_no_group_behind(settings: Settings, topics: Topics) -> None:
    reader = consumer(settings)
    reader.assign([TopicPartition(topics.name("scans"), 0, 0)])
    reader.consume(1, timeout=0.5)
    reader.close()
    groups = admin_client(settings).list_consumer_groups().result().valid
    assert not [group for group in groups if "reader" in group.group_id]


def test_an_absent_broker_is_reported_within_ten_seconds() -> None:
    began = time.monotonic()
    with pytest.raises(BrokerUnreachable, match=r"127.0.0.1:1 .*scanledger up.*KAFKA_BOOTSTRAP"):
        check_topics(settings_of(kafka_bootstrap="127.0.0.1:1"))
    assert time.monotonic() - began < 10


def test_no_broker_named_is_said_at_once() -> None:
    with pytest.raises(SettingsWrong, match="KAFKA_BOOTSTRAP"):
        producer(settings_of())


def test_a_transaction_reaches_other_partitions_together_with_its_own_or_not_at_all(
    settings: Settings, topics: Topics
) -> None:
    units, internal = topics.name("units"), topics.name("internal")
    writer = TransactionalWriter(settings, f"{settings.topic_prefix}owner-0")
    writer.take_over()
    elsewhere = [(internal, [3, 1, 3], [b"c", b"a", b"c"], [b"1", b"2", b"3"])]
    last = writer.write(0, [(units, [b"gone", b"\0position"], [None, b"p"])], watched=units, elsewhere=elsewhere)
    assert [(one.key, one.value, one.offset) for one in read_partition(settings, "units", 0)] == [
        (b"gone", None, last - 1),
        (b"\0position", b"p", last),
    ]
    told = {at: [one.value for one in read_partition(settings, "internal", at)] for at in range(4)}
    assert told == {0: [], 1: [b"2"], 2: [], 3: [b"1", b"3"]}
    intruder = TransactionalWriter(settings, f"{settings.topic_prefix}owner-0")
    intruder.take_over()
    with pytest.raises((Fenced, OwnershipLost)):
        writer.write(0, [(units, [b"\0position"], [b"q"])], watched=units, elsewhere=elsewhere)
    writer.close()
    intruder.close()
    assert {at: len(list(read_partition(settings, "internal", at))) for at in range(4)} == {0: 0, 1: 1, 2: 0, 3: 2}
