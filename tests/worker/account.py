"""What one partition's topics say came of its inputs, for tests."""

import time
from collections.abc import Iterable
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np
from confluent_kafka import IsolationLevel, TopicPartition
from confluent_kafka.admin import OffsetSpec  # type: ignore[attr-defined]  # its stubs do not export what it documents

from pipeline.broker.clients import admin_client, consumer
from pipeline.broker.group import Place
from pipeline.broker.read import Record
from pipeline.broker.sweep import first_offsets, sweep
from pipeline.broker.topics import Topics
from pipeline.ledger.batch import Batch
from pipeline.ledger.built_in import built_in_lifecycles
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.memory import Held
from pipeline.ledger.outputs import POSITION_KEY, STREAMS, Stream
from pipeline.ledger.where import where_of
from pipeline.settings import Settings
from pipeline.wire.schemas import decode
from tests.worker.running import WAIT_SECONDS, Pair

_INPUTS = ("scans", "internal")
_TAIL = 100
"""Offsets from the end at which a stream's last position is looked for."""
_ACCOUNTS: tuple[Stream, ...] = ("verdicts", "acts", "dead_letters")


class Accounted(NamedTuple):
    """The record by which one input record was accounted for."""

    stream: Stream
    fields: dict[str, Any]


def wait_until_accounted(settings: Settings, *partitions: int, seconds: float = WAIT_SECONDS) -> None:
    """Waits until these partitions have accounted for everything: what units tell each other meanwhile, too."""
    told: dict[int, int] = {}
    while told != (now := _ends(settings, "internal", partitions)):
        told = now
        _wait_for_what_is_there(settings, partitions, seconds)


def _wait_for_what_is_there(settings: Settings, partitions: tuple[int, ...], seconds: float) -> None:
    """Waits until every stream of these partitions has passed everything that the inputs hold now."""
    topics = Topics.load(settings.topic_prefix)
    highs = _high_offsets(settings, partitions)
    told = _ends(settings, "internal", partitions)
    waiting = {(topics.name(stream), p): (highs["scans", p], told[p]) for stream in STREAMS for p in partitions}
    waiting = {place: ends for place, ends in waiting.items() if any(ends)}
    reader = consumer(settings)
    reader.assign([TopicPartition(topics.name(s), p, max(0, highs[s, p] - _TAIL)) for s in STREAMS for p in partitions])
    deadline = time.monotonic() + seconds
    while waiting:
        assert time.monotonic() < deadline, f"not accounted for in time: {waiting}"
        for message in reader.consume(10_000, 0.1):
            place = (str(message.topic()), int(message.partition() or 0))
            if message.error() is None and message.key() == POSITION_KEY and place in waiting:
                position = decode(message.value() or b"")[1]
                _drop_if_passed(waiting, place, position)
    reader.close()


def _high_offsets(settings: Settings, partitions: Iterable[int]) -> dict[tuple[str, int], int]:
    """Returns how far each partition of the inputs and the streams reaches; one client asks for all of them."""
    topics, spec, client = Topics.load(settings.topic_prefix), OffsetSpec.latest(), admin_client(settings)  # type: ignore[no-untyped-call]
    asked = {(topic, p): TopicPartition(topics.name(topic), p) for topic in (*_INPUTS, *STREAMS) for p in partitions}
    answers = client.list_offsets(
        dict.fromkeys(asked.values(), spec), isolation_level=IsolationLevel.READ_COMMITTED, request_timeout=WAIT_SECONDS
    )
    return {place: int(answers[at].result().offset) for place, at in asked.items()}


def _ends(settings: Settings, topic: str, partitions: Iterable[int]) -> dict[int, int]:
    """Returns the offset after the last record of each partition: what a worker wrote ends with a marker behind it."""
    ends = dict.fromkeys(partitions, 0)
    for run in sweep(settings, first_offsets(settings, [Place(topic, partition) for partition in partitions])):
        ends[run.place.partition] = run.offsets()[-1] + 1
    return ends


def _drop_if_passed(
    waiting: dict[tuple[str, int], tuple[int, int]], place: tuple[str, int], position: dict[str, Any]
) -> None:
    scans_end, internal_end = waiting[place]
    if position["scans_next"] >= scans_end and position["internal_next"] >= internal_end:
        del waiting[place]


def _read_all(settings: Settings, partition: int) -> dict[str, list[Record]]:
    """Returns the records of one partition of every topic, read by one client: each one costs most of a second."""
    read: dict[str, list[Record]] = {topic: [] for topic in (*_INPUTS, *STREAMS)}
    for run in sweep(settings, first_offsets(settings, [Place(topic, partition) for topic in read])):
        read[run.place.topic] += [
            Record(run.offset(i), run.timestamp(i), message.key(), run.values[i])
            for i, message in enumerate(run.messages)
        ]
    return read


class Account:
    """Everything on one partition's topics, read once."""

    def __init__(self, settings: Settings, partition: int) -> None:
        self._settings, self._partition = settings, partition
        self._topics = Topics.load(settings.topic_prefix)
        read = _read_all(settings, partition)
        self.inputs = {(topic, record.offset): record for topic in _INPUTS for record in read[topic]}
        self.streams = {stream: [r for r in read[stream] if r.key != POSITION_KEY] for stream in STREAMS}
        self.by_ordinal = [self._accounted(stream, record) for stream in _ACCOUNTS for record in self.streams[stream]]
        self.by_ordinal.sort(key=lambda one: int(one.fields["ordinal"]))

    def fates(self) -> dict[tuple[str, int], Accounted]:
        """Returns what became of each input record, by (topic of the index, offset)."""
        keys = {self._topics.name(topic): topic for topic in _INPUTS}
        return {(keys[one.fields["topic"]], one.fields["offset"]): one for one in self.by_ordinal}

    def assert_whole(self) -> None:
        """Asserts that each input record has one ordinal, they run 1..n, and one ledger would write the same."""
        assert [one.fields["ordinal"] for one in self.by_ordinal] == list(range(1, len(self.by_ordinal) + 1))
        order = [(topic, offset) for topic, offset in self.fates()]
        assert len(order) == len(self.by_ordinal), "an input record was accounted for twice"
        assert set(order) == set(self.inputs)
        expected = self._undisturbed([(topic, self.inputs[topic, offset]) for topic, offset in order])
        for stream, records in self.streams.items():
            found = [(record.key, record.value) for record in records]
            if stream == "units":
                assert _kept(found) == _kept(expected[stream])
            else:
                differing = [pair for pair in zip(found, expected[stream], strict=False) if pair[0] != pair[1]][:1]
                assert found == expected[stream], (
                    stream,
                    [decode(value or b"") for one in differing for _, value in one],
                )

    def _accounted(self, stream: Stream, record: Record) -> Accounted:
        fields = decode(record.value or b"")[1]
        return Accounted(stream, fields if stream != "verdicts" else {"scan": fields["scan"], **fields["decision"]})

    def _undisturbed(self, order: list[tuple[str, Record]]) -> dict[Stream, list[Pair]]:
        """Returns what one ledger makes of the inputs in this order, positions apart."""
        ledger = Ledger(
            where_of(self._settings, self._partition, self._settings.partitions or 1), built_in_lifecycles()
        )
        memory = Held()
        written: dict[Stream, list[Pair]] = {stream: [] for stream in STREAMS}
        for topic, together in groupby(order, lambda one: one[0]):
            records = [record for _, record in together]
            batch = batch_of(records)
            is_scans = topic == "scans"
            outputs = ledger.take_scans(batch, memory.load) if is_scans else ledger.take_internal(batch, memory)
            memory.keep_outputs(outputs)
            for stream, one in outputs.records.items():
                pairs = [pair for pair in zip(one.keys, one.values, strict=True) if pair[0] != POSITION_KEY]
                written[stream] += pairs
            written["units"] += [(key, None) for key in outputs.gone]
        return written


def _kept(pairs: list[Pair]) -> dict[bytes | None, bytes]:
    """Returns what is left of a compacted topic; a record that one batch made and took away again was never written."""
    return {key: value for key, value in dict(pairs).items() if value is not None}


def batch_of(records: list[Record]) -> Batch:
    """Returns records as a batch."""
    offsets = np.array([record.offset for record in records], np.int64)
    times = np.array([record.timestamp for record in records], np.int64)
    return Batch([record.key for record in records], [record.value for record in records], offsets, times)
