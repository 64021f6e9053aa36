"""Following some partitions from where they end: for who has just sent something and waits for what comes of it."""

from collections.abc import Iterable
from types import TracebackType
from typing import NamedTuple, Self

from confluent_kafka import TopicPartition

from pipeline.broker.admin import watermarks
from pipeline.broker.clients import consumer
from pipeline.broker.topics import Topics
from pipeline.errors import BrokerUnreachable
from pipeline.settings import Settings

_CHUNK = 10_000


class Followed(NamedTuple):
    """One committed record of a followed partition."""

    partition: int
    key: bytes | None
    value: bytes | None


class Tail:
    """The committed records of partitions of a topic that come after this was made, each once."""

    def __init__(self, settings: Settings, topic: str, partitions: Iterable[int]) -> None:
        """Note where the partitions end.

        Args:
            settings: where the broker is.
            topic: its key in the index.
            partitions: their numbers.

        Raises:
            BrokerUnreachable: the broker does not answer.
            TopicsWrong: there is no such topic.
        """
        name = Topics.load(settings.topic_prefix).name(topic)
        marks = watermarks(settings, name)
        self._reader = consumer(settings)
        self._reader.assign([TopicPartition(name, partition, marks[partition].high) for partition in partitions])

    def read(self, seconds: float) -> list[Followed]:
        """Return what has come since, waiting so long where nothing has.

        Raises:
            BrokerUnreachable: a partition can no longer be read.
        """
        followed = []
        for message in self._reader.consume(1, seconds) + self._reader.consume(_CHUNK, 0):
            error = message.error()
            if error is not None and not error.retriable():
                text = f"Kafka does not let {message.topic()} be read any further: {error.str()}. Is the broker well?"
                raise BrokerUnreachable(text)
            if error is not None:
                continue
            followed.append(Followed(int(message.partition() or 0), _bytes(message.key()), _bytes(message.value())))
        return followed

    def close(self) -> None:
        """Let go of the connection."""
        self._reader.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _bytes(content: str | bytes | None) -> bytes | None:
    return content.encode() if isinstance(content, str) else content
