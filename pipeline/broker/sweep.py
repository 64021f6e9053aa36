"""Reading many partitions of several topics from their beginning to their end with one client.

Flow: places in, runs of committed records out, each place in its own order, until every place has been read to its end.
"""

import time
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Message, TopicPartition
from confluent_kafka.admin import OffsetSpec  # type: ignore[attr-defined]  # its stubs do not export what it documents

from pipeline.broker.clients import admin_client, consumer
from pipeline.broker.group import Place, Run
from pipeline.broker.topics import Topics
from pipeline.errors import BrokerUnreachable
from pipeline.settings import Settings

_CHUNK = 20_000
_ANSWER_SECONDS = 8.0
_SILENCE_SECONDS = 30.0


def first_offsets(settings: Settings, places: Iterable[Place]) -> dict[Place, int]:
    """Return the first offset that each place still holds.

    Raises:
        BrokerUnreachable: the broker does not answer within 8 s.
    """
    topics = Topics.load(settings.topic_prefix)
    asked = {TopicPartition(topics.name(place.topic), place.partition): place for place in places}
    client = admin_client(settings)  # kept until the answers are here: without it they never come
    spec: Any = OffsetSpec
    wanted = {at: spec.earliest() for at in asked}
    answers = client.list_offsets(wanted, request_timeout=_ANSWER_SECONDS)
    try:
        return {asked[at]: int(answer.result().offset) for at, answer in answers.items()}
    except KafkaException as error:
        message = f"Kafka does not say how far its topics reach: {error.args[0].str()}. Is the broker well?"
        raise BrokerUnreachable(message) from error


def sweep(settings: Settings, starts: dict[Place, int]) -> Iterator[Run]:
    """Read every place from an offset to the end it has when the reader gets there.

    Raises:
        BrokerUnreachable: the broker stops answering.
        KafkaException: a start has been removed from the log.
    """
    topics = Topics.load(settings.topic_prefix)
    names = {topics.name(place.topic): place.topic for place in starts}
    conf = {"enable.partition.eof": True, "fetch.wait.max.ms": 10, "queued.max.messages.kbytes": 32 * 1024}
    reader = consumer(settings, None, **conf)
    try:
        reader.assign([TopicPartition(topics.name(at.topic), at.partition, start) for at, start in starts.items()])
        open_places, heard = set(starts), time.monotonic()
        while open_places:
            messages = reader.consume(_CHUNK, 0.05)
            if not messages and time.monotonic() - heard > _SILENCE_SECONDS:
                text = f"Kafka has been silent for {_SILENCE_SECONDS:.0f} s in the middle of its topics; is it well?"
                raise BrokerUnreachable(text)
            for (name, partition), run in groupby(messages, key=lambda one: (one.topic(), one.partition())):
                place = Place(names[str(name)], int(partition or 0))
                records = [one for one in run if not _is_end(one, place, open_places)]
                if records:
                    yield Run(place, records, [record.value() for record in records])
            heard = time.monotonic() if messages else heard  # after the caller's own time with them
    finally:
        reader.close()


def sweep_retained(settings: Settings, place: Place) -> Iterator[tuple[int, Run]]:
    """Read one place from the first record it holds to its end, however long the caller takes.

    Where retention deletes what was to be read next, it goes on with the first record that is left then.
    Each run comes with the offset that its reader began at; an empty one comes first, wherever a reader begins.

    Raises:
        BrokerUnreachable: the broker stops answering.
        KafkaException: an error that does not pass by itself.
    """
    start = first_offsets(settings, [place])[place]
    while True:
        yield start, Run(place, [], [])
        following = start
        try:
            for run in sweep(settings, {place: start}):
                following = run.offsets()[-1] + 1
                yield start, run
        except KafkaException as error:
            if error.args[0].code() != KafkaError._AUTO_OFFSET_RESET:
                raise
            start = first_offsets(settings, [place])[place]
            if start <= following:  # it was not retention
                raise
        else:
            return


def _is_end(message: Message, place: Place, open_places: set[Place]) -> bool:
    error = message.error()
    if error is None:
        return False
    if error.code() != KafkaError._PARTITION_EOF:
        raise KafkaException(error)
    open_places.discard(place)
    return True
