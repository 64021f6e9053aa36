"""Reading a partition of `units` to its end, in columns: how an owner learns what the former one knew.

Flow: topic, partition, first offset -> lists of keys and values, and the offset after them.
"""

import time
from collections.abc import Iterator

from confluent_kafka import KafkaError, KafkaException, TopicPartition

from pipeline.broker.clients import consumer
from pipeline.errors import BrokerUnreachable
from pipeline.settings import Settings

_CHUNK = 10_000
_CHUNK_SECONDS = 0.05
"""How long a chunk may take to fill: the last of a partition takes as long."""
_SILENCE_SECONDS = 60.0

Chunk = tuple[list[bytes], list[bytes | None], int]


def read_to_end(settings: Settings, topic: str, partition: int, start: int) -> Iterator[Chunk]:
    """Read everything committed from `start` to the end of the partition.

    After `TransactionalWriter.take_over` the end is the end: no open transaction of a former owner hides records.

    Raises:
        BrokerUnreachable: Kafka has been silent for a minute.
    """
    conf = {
        "enable.partition.eof": True,
        "auto.offset.reset": "earliest",
        "fetch.message.max.bytes": 4 * 1024 * 1024,
        "queued.max.messages.kbytes": 16 * 1024,  # for each of up to 50 partitions at a time
    }
    reader = consumer(settings, None, **conf)
    try:
        reader.assign([TopicPartition(topic, partition, start)])
        heard = time.monotonic()
        while True:
            messages = reader.consume(_CHUNK, _CHUNK_SECONDS)
            if not messages and time.monotonic() - heard > _SILENCE_SECONDS:
                text = f"Kafka is silent while {topic}-{partition} is read; is the broker well?"
                raise BrokerUnreachable(text)
            if messages:
                heard = time.monotonic()
            errors = [error for error in (message.error() for message in messages) if error is not None]
            for error in errors:
                if error.code() != KafkaError._PARTITION_EOF:
                    raise KafkaException(error)
            good = [message for message in messages if message.error() is None] if errors else messages
            if good:
                last = good[-1].offset() or 0
                yield [message.key() or b"" for message in good], [message.value() for message in good], last + 1
            if errors:
                return
    finally:
        reader.close()
