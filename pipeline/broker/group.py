"""A member of a consumer group that owns partition numbers: the same ones of several topics.

Flow: committed records of the topics in, runs of one topic and partition out, as they came.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple, Protocol

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Message, TopicPartition

from pipeline.broker.clients import consumer
from pipeline.broker.topics import Topics
from pipeline.errors import BrokerUnreachable
from pipeline.settings import Settings

_ANSWER_SECONDS = 8.0
_MAX_POLL_MS = 600_000  # a slow ClickHouse may hold us longer than librdkafka's five minutes
_QUEUE_KB = 8 * 1024  # of each topic and partition; the default of 64 MiB would be 1.5 GB for 24 of them
_HOPELESS = frozenset(
    {KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.GROUP_AUTHORIZATION_FAILED, KafkaError._AUTHENTICATION}
)
_LOG = logging.getLogger(__name__)


class Place(NamedTuple):
    """One partition of one topic of the index."""

    topic: str
    partition: int


class Owner(Protocol):
    """Who is told of partitions; called while `take` runs, and must not wait for anything."""

    def gained(self, places: dict[Place, int]) -> None:
        """Own these from now on; reading starts at the offset given, 0 for the beginning."""

    def lost(self, partitions: set[int]) -> None:
        """Own these no longer."""


@dataclass(frozen=True)
class Run:
    """Consecutive records of one place."""

    place: Place
    messages: Sequence[Message]
    values: Sequence[bytes | None]

    def offset(self, index: int) -> int:
        """Return a record's offset."""
        return int(self.messages[index].offset() or 0)

    def offsets(self) -> list[int]:
        """Return the offsets."""
        return [message.offset() or 0 for message in self.messages]

    def timestamp(self, index: int = 0) -> int:
        """Return a record's time in milliseconds."""
        return int(self.messages[index].timestamp()[1])

    def keys(self) -> list[bytes | None]:
        """Return the keys."""
        return [message.key() for message in self.messages]


class Member:
    """One reader of the group. Not for several threads."""

    def __init__(self, settings: Settings, group: str, topics: Sequence[str], owner: Owner) -> None:
        """Join the group; partitions come while `take` runs.

        The assignor is `range`: with equal partition counts it gives a member the same numbers of every topic.
        """
        index = Topics.load(settings.topic_prefix)
        self._names = {topic: index.name(topic) for topic in topics}
        self._topics = {name: topic for topic, name in self._names.items()}
        self._owner = owner
        self._session_ms = int(settings.session_timeout_seconds * 1000)
        self._consumer = consumer(
            settings,
            group,
            **{
                "auto.offset.reset": "earliest",
                "partition.assignment.strategy": "range",
                "session.timeout.ms": self._session_ms,
                "heartbeat.interval.ms": min(3000, self._session_ms // 3),
                "max.poll.interval.ms": max(_MAX_POLL_MS, self._session_ms),
                "queued.max.messages.kbytes": _QUEUE_KB,
            },
        )
        self._consumer.subscribe(list(self._topics), on_assign=self._assigned, on_revoke=self._revoked)

    def take(self, records: int, seconds: float) -> list[Run]:
        """Return what has come, waiting a little for it; membership is kept up by calling this often.

        Raises:
            KafkaException: an error that does not pass by itself.
            BrokerUnreachable: the broker does not answer.
        """
        messages = self._consumer.consume(records, timeout=seconds)
        good = [message for message in messages if message.error() is None]
        if len(good) != len(messages):
            for message in messages:
                if (error := message.error()) is not None:
                    self._heed(error)
        grouped = groupby(good, key=lambda message: (message.topic(), message.partition()))
        return [self._run(str(name), int(partition or 0), list(run)) for (name, partition), run in grouped]

    def seek(self, place: Place, offset: int) -> None:
        """Go on from an offset, 0 for the beginning; what was fetched before is forgotten.

        Raises:
            BrokerUnreachable: the partition is not being fetched yet, or no longer: try again after `take`.
        """
        try:
            self._consumer.seek(self._at(place, offset or OFFSET_BEGINNING))
        except KafkaException as error:
            raise _unreachable(place, error) from error

    def pause(self, place: Place) -> None:
        """Fetch no more of a place."""
        self._consumer.pause([self._at(place)])

    def resume(self, place: Place) -> None:
        """Fetch it again."""
        self._consumer.resume([self._at(place)])

    def commit(self, nexts: dict[Place, int]) -> None:
        """Tell the group how far these places are done, as a hint for tools; does not wait."""
        self._consumer.commit(offsets=[self._at(place, next_) for place, next_ in nexts.items()], asynchronous=True)

    def high(self, place: Place) -> int:
        """Return the last known end of a place, -1 where nothing is known yet."""
        known = self._consumer.get_watermark_offsets(self._at(place), cached=True)
        return int(known[1]) if known else -1

    def low(self, place: Place) -> int:
        """Ask the broker for the first offset there still is, which takes up to half a second beside a fetch.

        Raises:
            BrokerUnreachable: it does not answer.
        """
        try:
            known = self._consumer.get_watermark_offsets(self._at(place), timeout=_ANSWER_SECONDS)
        except KafkaException as error:
            raise _unreachable(place, error) from error
        return int(known[0]) if known else 0

    def close(self) -> None:
        """Leave the group."""
        self._consumer.close()

    def _at(self, place: Place, offset: int | None = None) -> TopicPartition:
        name = self._names[place.topic]
        return (
            TopicPartition(name, place.partition) if offset is None else TopicPartition(name, place.partition, offset)
        )

    def _run(self, name: str, partition: int, messages: list[Message]) -> Run:
        return Run(Place(self._topics[name], partition), messages, [message.value() for message in messages])

    def _assigned(self, client: Consumer, partitions: list[TopicPartition]) -> None:
        try:
            committed = client.committed(partitions, timeout=_ANSWER_SECONDS) if partitions else []
        except KafkaException as error:  # a hint only: the owner knows better and seeks
            _LOG.warning("kafka: no committed offsets: %s", error)
            committed = partitions
        for place in committed:
            place.offset = place.offset if place.offset >= 0 else OFFSET_BEGINNING
        client.assign(committed)
        self._owner.gained({Place(self._topics[at.topic], at.partition): max(0, at.offset) for at in committed})

    def _revoked(self, client: Consumer, partitions: list[TopicPartition]) -> None:
        self._owner.lost({place.partition for place in partitions})
        client.unassign()

    def _heed(self, error: KafkaError) -> None:
        """Log what passes by itself, raise what does not."""
        if error.fatal() or error.code() in _HOPELESS:
            raise KafkaException(error)
        _LOG.warning("kafka: %s", error.str())


def _unreachable(place: Place, error: KafkaException) -> BrokerUnreachable:
    message = f"Kafka does not serve {place.topic}[{place.partition}]: {error.args[0].str()}. Is the broker well?"
    return BrokerUnreachable(message)
