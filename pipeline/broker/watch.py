"""Following partitions of a topic while somebody wants to know, each from where it ended when it was first wanted.

Flow: committed records that come after a partition was wanted -> handed on as they come.

Not safe to share between threads: who reads also adds and drops partitions.
"""

from collections.abc import Iterable

from confluent_kafka import KafkaException, TopicPartition

from pipeline.broker.clients import consumer
from pipeline.broker.tail import Followed
from pipeline.broker.topics import Topics
from pipeline.errors import BrokerUnreachable
from pipeline.settings import Settings

_CHUNK = 10_000


class Watch:
    """A reader whose partitions come and go; it needs no broker until it is asked to follow one."""

    def __init__(self, settings: Settings, topic: str) -> None:
        """Prepare to follow a topic of the index."""
        self._name = Topics.load(settings.topic_prefix).name(topic)
        # With nothing to hand over the broker waits so long: one that is asked to follow another waits as long.
        self._reader = consumer(settings, None, **{"fetch.wait.max.ms": 100})
        self.followed: frozenset[int] = frozenset()

    def follow(self, partitions: Iterable[int], seconds: float) -> None:
        """Follow further partitions from where they end now; those that are followed go on as they are.

        Raises:
            BrokerUnreachable: the broker does not answer in time.
        """
        wanted = [TopicPartition(self._name, partition) for partition in sorted(set(partitions) - self.followed)]
        try:
            for place in wanted:
                _, place.offset = self._reader.get_watermark_offsets(place, timeout=seconds)
            if wanted:
                self._reader.incremental_assign(wanted)
        except KafkaException as error:
            message = f"Kafka does not say how far {self._name} reaches: {error.args[0].str()}. Is the broker well?"
            raise BrokerUnreachable(message) from error
        self.followed |= {place.partition for place in wanted}

    def leave(self) -> None:
        """Follow nothing any more."""
        self._reader.unassign()
        self.followed = frozenset()

    def read(self, seconds: float) -> list[Followed]:
        """Return what has come, waiting so long where nothing has.

        Raises:
            BrokerUnreachable: a partition can no longer be read.
        """
        found = []
        for message in self._reader.consume(1, seconds) + self._reader.consume(_CHUNK, 0):
            error = message.error()
            if error is None:
                found.append(Followed(int(message.partition() or 0), message.key(), message.value()))
            elif not error.retriable():
                text = f"Kafka does not let {self._name} be read any further: {error.str()}. Is the broker well?"
                raise BrokerUnreachable(text)
        return found

    def close(self) -> None:
        """Let go of the connection."""
        self._reader.close()
