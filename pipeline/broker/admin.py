"""Creating and checking the topics, and asking how far a topic reaches.

Invariant: all topics have the same number of partitions, and the inputs carry the broker's own append time; the worker
refuses to start otherwise, because a unit would live twice or a replay would see other times.
"""

import time
from typing import Any, NamedTuple

from confluent_kafka import IsolationLevel, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # its stubs do not export what it documents
    AdminClient,
    ConfigResource,
    NewTopic,
    OffsetSpec,
    ResourceType,
)

from pipeline.broker.clients import admin_client
from pipeline.broker.topics import Topic, Topics
from pipeline.errors import BrokerUnreachable, TopicsWrong
from pipeline.settings import Settings

_REACH_SECONDS = 4.0  # a broker that is not there is reported within 10 s, of which a first start may take 5
_ANSWER_SECONDS = 6.0  # one that is there may be busy
_LEADER_SECONDS = 0.1
_NO_LEADER = (KafkaError.NOT_LEADER_FOR_PARTITION, KafkaError.LEADER_NOT_AVAILABLE)
_CREATE_SECONDS = 30.0
_POLL_SECONDS = 0.05
_DAY_MS = 86_400_000

# The units topic is read to its end at every take-over: keep what compaction has not reached yet small. The active
# segment is never compacted, so it is closed early; a deletion mark stays a day for readers that are behind.
_COMPACTION = {
    "segment.bytes": str(128 * 1024 * 1024),
    "segment.ms": str(3_600_000),
    "min.cleanable.dirty.ratio": "0.2",
    "max.compaction.lag.ms": str(_DAY_MS),
    "delete.retention.ms": str(_DAY_MS),
}


class Watermarks(NamedTuple):
    """How far one partition reaches."""

    low: int
    """First offset still there."""
    high: int
    """One past the last committed record or marker."""


def topic_configuration(topic: Topic) -> dict[str, str]:
    """Return the broker's settings of a topic.

    The broker limits whole batches, not records: a limit of one record's size would refuse every full batch.
    """
    retention = -1 if topic.retention_days < 0 else topic.retention_days * _DAY_MS
    return {
        "cleanup.policy": topic.cleanup,
        "retention.ms": str(retention),
        "message.timestamp.type": "LogAppendTime" if topic.is_input else "CreateTime",
        "max.message.bytes": str(topic.batch_bytes),
    } | (_COMPACTION if topic.cleanup == "compact" else {})


def partition_counts(settings: Settings, client: AdminClient | None = None) -> dict[str, int]:
    """Return the number of partitions of every topic of the broker, by its name there.

    Raises:
        BrokerUnreachable: it does not answer in time.
    """
    try:
        found = (client or admin_client(settings)).list_topics(timeout=_REACH_SECONDS)
    except KafkaException as error:
        message = (
            f"Kafka does not answer at {settings.kafka_bootstrap} within {_REACH_SECONDS:.0f} s. Start it"
            f" (`scanledger up` starts a local one) or correct KAFKA_BOOTSTRAP. ({error.args[0].str()})"
        )
        raise BrokerUnreachable(message) from error
    return {name: len(topic.partitions) for name, topic in found.topics.items() if topic.error is None}


def create_topics(settings: Settings) -> list[str]:
    """Create the topics that are missing and check them all; return the names of those created.

    Raises:
        BrokerUnreachable: it does not answer in time.
        TopicsWrong: the broker refuses one, or one that existed already does not fit.
    """
    client = admin_client(settings)
    topics = Topics.load(settings.topic_prefix)
    existing = partition_counts(settings, client)
    ours = {existing[topic.name] for topic in topics.all() if topic.name in existing}
    partitions = settings.partitions or (min(ours) if ours else topics.default_partitions)
    missing = [
        NewTopic(
            topic.name,
            num_partitions=partitions,
            replication_factor=settings.replication_factor,
            config=topic_configuration(topic),
        )
        for topic in topics.all()
        if topic.name not in existing
    ]
    if missing:
        _await_created(settings, client, missing)
    check_topics(settings, client)
    return [topic.topic for topic in missing]


def check_topics(settings: Settings, client: AdminClient | None = None) -> int:
    """Compare the topics with the index and return their number of partitions.

    Raises:
        BrokerUnreachable: it does not answer in time.
        TopicsWrong: one is missing, their partitions differ, or a setting is not what the ledger relies on.
    """
    client = client or admin_client(settings)
    topics = Topics.load(settings.topic_prefix).all()
    counts = partition_counts(settings, client)
    missing = [topic.name for topic in topics if topic.name not in counts]
    if missing:
        message = f"Topics are missing: {', '.join(missing)}. Create them with `scanledger topics create`."
        raise TopicsWrong(message)
    partitions = {topic.name: counts[topic.name] for topic in topics}
    if len(set(partitions.values())) > 1 or settings.partitions not in {None, *partitions.values()}:
        found = ", ".join(f"{name} {count}" for name, count in partitions.items())
        message = (
            f"All topics need the same number of partitions{f', {settings.partitions}' if settings.partitions else ''};"
            f" there are: {found}. A unit's partition follows from it, so it cannot be changed: create topics under"
            " another SCANLEDGER_TOPIC_PREFIX, or set SCANLEDGER_PARTITIONS to what there is."
        )
        raise TopicsWrong(message)
    wrong = _wrong_settings(client, topics)
    if wrong:
        message = f"Topics are not set up as topics.toml says: {'; '.join(wrong)}. Correct them with kafka-configs."
        raise TopicsWrong(message)
    return partitions[topics[0].name]


def watermarks(settings: Settings, topic_name: str, partitions: int | None = None) -> list[Watermarks]:
    """Return how far each partition of a topic reaches for a reader of committed records.

    Raises:
        BrokerUnreachable: it does not answer in time.
        TopicsWrong: there is no such topic.
    """
    client = admin_client(settings)
    if partitions is None:
        partitions = partition_counts(settings, client).get(topic_name, 0)
    if not partitions:
        message = f"There is no topic {topic_name}. Create it with `scanledger topics create`."
        raise TopicsWrong(message)
    ends = (OffsetSpec.earliest(), OffsetSpec.latest())  # type: ignore[no-untyped-call]
    lows, highs = (_offsets(client, topic_name, partitions, end) for end in ends)
    return [Watermarks(low, high) for low, high in zip(lows, highs, strict=True)]


def _offsets(client: AdminClient, topic_name: str, partitions: int, spec: OffsetSpec) -> list[int]:
    """Ask until each partition has a leader: for a moment after its creation, or a restart, it may have none."""
    asked = {TopicPartition(topic_name, partition): spec for partition in range(partitions)}
    deadline = time.monotonic() + _ANSWER_SECONDS
    while True:
        answers = client.list_offsets(
            asked, isolation_level=IsolationLevel.READ_COMMITTED, request_timeout=_ANSWER_SECONDS
        )
        try:
            found = {place.partition: int(answer.result().offset) for place, answer in answers.items()}
            return [found[partition] for partition in range(partitions)]
        except KafkaException as error:
            if error.args[0].code() not in _NO_LEADER or time.monotonic() > deadline:
                message = f"Kafka does not say how far {topic_name} reaches: {error.args[0].str()}. Is the broker well?"
                raise BrokerUnreachable(message) from error
        time.sleep(_LEADER_SECONDS)


def _await_created(settings: Settings, client: AdminClient, topics: list[NewTopic]) -> None:
    for name, created in client.create_topics(topics, request_timeout=_CREATE_SECONDS).items():
        try:
            created.result()
        except KafkaException as error:
            if error.args[0].code() == KafkaError.TOPIC_ALREADY_EXISTS:
                continue  # another process was faster; the check that follows judges what it made
            message = f"Kafka refuses to create {name}: {error.args[0].str()}."
            raise TopicsWrong(message) from error
    deadline = time.monotonic() + _CREATE_SECONDS
    names = {topic.topic for topic in topics}
    while not names <= partition_counts(settings, client).keys():
        if time.monotonic() > deadline:
            message = f"Kafka does not show the topics it created within {_CREATE_SECONDS:.0f} s; is the broker well?"
            raise BrokerUnreachable(message)
        time.sleep(_POLL_SECONDS)


def _wrong_settings(client: AdminClient, topics: list[Topic]) -> list[str]:
    asked = {ConfigResource(ResourceType.TOPIC, topic.name): topic for topic in topics}
    wrong = []
    for resource, answer in client.describe_configs(list(asked), request_timeout=_ANSWER_SECONDS).items():
        topic = asked[resource]
        try:
            actual = {name: entry.value for name, entry in answer.result().items()}
        except KafkaException as error:
            message = f"Kafka does not tell the settings of {topic.name}: {error.args[0].str()}."
            raise BrokerUnreachable(message) from error
        wrong += _differences(topic, actual)
    return wrong


def _differences(topic: Topic, actual: dict[str, Any]) -> list[str]:
    expected = topic_configuration(topic)
    strict = ("message.timestamp.type", "cleanup.policy")
    wrong = [
        f"{topic.name} has {name}={actual[name]}, not {expected[name]}"
        for name in strict
        if actual[name] != expected[name]
    ]
    if int(actual["max.message.bytes"]) < topic.batch_bytes:
        found = actual["max.message.bytes"]
        wrong.append(f"{topic.name} has max.message.bytes={found}, less than {topic.batch_bytes}")
    return wrong
