"""Reading one partition from here to there: for tests, the command line and whatever is in no hurry."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Message, TopicPartition

from pipeline.broker.admin import watermarks
from pipeline.broker.clients import consumer
from pipeline.broker.topics import Topics
from pipeline.errors import BrokerUnreachable
from pipeline.settings import Settings

_CHUNK = 10_000
_SILENCE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Record:
    """One committed record of a partition."""

    offset: int
    timestamp: int
    """Milliseconds; of an input topic the broker's append time."""
    key: bytes | None
    value: bytes | None


def read_partition(
    settings: Settings, topic: str, partition: int, start: int | None = None, stop: int | None = None
) -> Iterator[Record]:
    """Read the committed records of a partition of a topic of the index.

    Args:
        settings: where the broker is.
        topic: its key in the index.
        partition: its number.
        start: first offset; the first there is if not given.
        stop: one past the last offset; what is committed at the time of the call if not given.

    Raises:
        BrokerUnreachable: the broker does not answer, or stops answering.
        KafkaException: the start has been removed from the log.
    """
    name = Topics.load(settings.topic_prefix).name(topic)
    marks = watermarks(settings, name)[partition]
    end = marks.high if stop is None else min(stop, marks.high)
    if (marks.low if start is None else start) >= end:
        return
    # The end is known from an empty fetch: the broker need not hold it back for more.
    reader = consumer(settings, None, **{"enable.partition.eof": True, "fetch.wait.max.ms": 20})
    try:
        reader.assign([TopicPartition(name, partition, OFFSET_BEGINNING if start is None else start)])
        yield from _read_until(reader, end)
    finally:
        reader.close()


def _read_until(reader: Consumer, end: int) -> Iterator[Record]:
    heard = time.monotonic()
    while True:
        for message in reader.consume(1, 0.2) + reader.consume(_CHUNK, 0):  # a whole chunk would be waited for
            heard = time.monotonic()
            offset = message.offset()
            assert offset is not None
            if message.error() is None and offset < end:
                yield _record(message, offset)
            if _is_end(message, end):
                return
        if time.monotonic() - heard > _SILENCE_SECONDS:
            text = (
                f"Kafka has been silent for {_SILENCE_SECONDS:.0f} s in the middle of a partition; is the broker well?"
            )
            raise BrokerUnreachable(text)


def _is_end(message: Message, end: int) -> bool:
    """Whether reading is over: markers at the end have offsets but no records, so their end is an event."""
    error, offset = message.error(), message.offset()
    if error is None:
        return offset is not None and offset + 1 >= end
    if error.code() == KafkaError._PARTITION_EOF:
        return True
    raise KafkaException(error)


def _record(message: Message, offset: int) -> Record:
    return Record(offset, message.timestamp()[1], _bytes(message.key()), _bytes(message.value()))


def _bytes(content: str | bytes | None) -> bytes | None:
    return content.encode() if isinstance(content, str) else content
