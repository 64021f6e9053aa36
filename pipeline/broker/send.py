"""Sending scans and internal records, and knowing when the broker has them.

Flow: keys and framed values in, records on the log out; the last offset of each partition comes back.
"""

from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Any, cast

from confluent_kafka import KafkaError, Message

from pipeline.broker.admin import partition_counts
from pipeline.broker.clients import producer
from pipeline.broker.topics import Topics
from pipeline.errors import NotDelivered, TopicsWrong
from pipeline.settings import Settings
from pipeline.wire.schemas import encode

Progress = Callable[[int], None]

_CHUNK = 5_000
_QUEUE_RECORDS = 100_000
_ANY_PARTITION = -1  # RD_KAFKA_PARTITION_UA: the partitioner chooses
_POLL_SECONDS = 0.05


class Sender:
    """One producer with one topic: takes records in chunks, waits while its queue is full, counts what arrived."""

    def __init__(self, settings: Settings, topic: str, progress: Progress | None = None) -> None:
        """Connect to a topic of the index.

        Args:
            settings: where the broker is.
            topic: its key in the index.
            progress: called now and then with the number of records that the broker has acknowledged.

        Raises:
            BrokerUnreachable: the broker does not answer within 4 s.
            TopicsWrong: the topic is not there.
        """
        known = Topics.load(settings.topic_prefix)[topic]
        self._topic = known.name
        if self._topic not in partition_counts(settings):
            message = f"There is no topic {self._topic}. Create it with `scanledger topics create`."
            raise TopicsWrong(message)
        conf = {"queue.buffering.max.messages": _QUEUE_RECORDS, "message.max.bytes": known.batch_bytes}
        self._producer = producer(settings, **conf)
        self._progress = progress or (lambda _: None)
        self._failed: KafkaError | None = None
        self.acknowledged = 0
        self.last_offsets: dict[int, int] = {}

    def send(self, keys: Iterable[bytes], values: Iterable[bytes], partition: int | None = None) -> None:
        """Queue records in their order; where no partition is given, each goes where its key belongs.

        Raises:
            NotDelivered: the broker refused an earlier record.
        """
        place = _ANY_PARTITION if partition is None else partition
        records = ({"key": key, "value": value} for key, value in zip(keys, values, strict=True))
        while chunk := list(islice(records, _CHUNK)):
            # A full queue would refuse single records of a chunk, and a unit's scans would change their order.
            while len(self._producer) + len(chunk) > _QUEUE_RECORDS:
                self._poll()
            if self._producer.produce_batch(self._topic, chunk, place, on_delivery=self._delivered) != len(chunk):
                self._failed = next(cast("KafkaError", record["_error"]) for record in chunk if "_error" in record)
            self._poll(0)

    def finish(self) -> dict[int, int]:
        """Wait until the broker has every record; return the last offset of each partition that got any.

        Raises:
            NotDelivered: it did not take one.
        """
        while len(self._producer):
            self._poll()
        self._poll(0)
        return dict(self.last_offsets)

    def _poll(self, seconds: float = _POLL_SECONDS) -> None:
        self._producer.poll(seconds)
        self._progress(self.acknowledged)
        if self._failed is not None:
            reason = self._failed.str()
            message = (
                f"Kafka did not take a record of {self._topic} after {self.acknowledged}: {reason}. Send it again."
            )
            raise NotDelivered(message)

    def _delivered(self, error: KafkaError | None, record: Message) -> None:
        if error is not None:
            self._failed = self._failed or error
            return
        self.acknowledged += 1
        partition, offset = record.partition(), record.offset()
        assert partition is not None
        assert offset is not None
        self.last_offsets[partition] = offset


def send_scans(
    settings: Settings, keys: Iterable[bytes], values: Iterable[bytes], progress: Progress | None = None
) -> dict[int, int]:
    """Send framed scans under their unit keys and wait until the broker has them.

    Returns the last offset of each partition that got any.

    Raises:
        BrokerUnreachable: the broker does not answer within 4 s.
        NotDelivered: it did not take a scan.
    """
    sender = Sender(settings, "scans", progress)
    sender.send(keys, values)
    return sender.finish()


def send_internal(settings: Settings, record: Mapping[str, Any], partitions: Iterable[int]) -> dict[int, int]:
    """Send one internal record to each of these partitions; return its offset in each.

    Raises:
        BrokerUnreachable: the broker does not answer within 4 s.
        NotDelivered: it did not take a copy.
    """
    value = encode("internal", record)
    sender = Sender(settings, "internal")
    for partition in partitions:
        sender.send([str(record["subject"]).encode()], [value], partition)
    return sender.finish()
