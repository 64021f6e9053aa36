"""Worker processes for tests, and what one partition's topics say came of its inputs."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
from confluent_kafka import TopicPartition

from pipeline.broker.admin import create_topics, watermarks
from pipeline.broker.clients import consumer, producer
from pipeline.broker.group import Place
from pipeline.broker.read import Record
from pipeline.broker.sweep import first_offsets, sweep
from pipeline.broker.topics import Topics
from pipeline.domain.routing import partition_of
from pipeline.ledger.batch import Batch
from pipeline.ledger.built_in import built_in_lifecycles
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.outputs import POSITION_KEY, STREAMS, Stream
from pipeline.ledger.where import where_of
from pipeline.local.ports import free_ports
from pipeline.settings import Settings
from pipeline.wire.schemas import decode, encode
from tests.oracle.arrivals import Arrival

ROOT = Path(__file__).parents[2]
WAIT_SECONDS = 90.0
_COMPILE_SECONDS = 240.0
Found = TypeVar("Found")
Pair = tuple[bytes | None, bytes | None]


def a_ledger(bootstrap: str, folder: Path, partitions: int = 1, **changes: object) -> Settings:
    """Creates the topics of a ledger of its own and returns its settings."""
    given: dict[str, object] = {"kafka_bootstrap": bootstrap, "topic_prefix": f"t{uuid.uuid4().hex[:12]}-"}
    given |= {"partitions": partitions, "home": folder, "session_timeout_seconds": 6, "batch_records": 500}
    settings = Settings.model_validate(given | changes)
    create_topics(settings)
    return settings


def environment(settings: Settings, **more: str) -> dict[str, str]:
    """Returns the environment under which a process has these settings and no others."""
    told = {
        "KAFKA_BOOTSTRAP": settings.kafka_bootstrap,
        "SCANLEDGER_HOME": str(settings.home),
        "SCANLEDGER_WORKER": settings.worker,
        "SCANLEDGER_TOPIC_PREFIX": settings.topic_prefix,
        "SCANLEDGER_PARTITIONS": str(settings.partitions or 1),
        "SCANLEDGER_SESSION_TIMEOUT_SECONDS": str(settings.session_timeout_seconds),
        "SCANLEDGER_BATCH_RECORDS": str(settings.batch_records),
        "SCANLEDGER_HEALTH_PORT": str(settings.health_port),
    }
    if settings.store is not None:
        told["SCANLEDGER_STORE"] = str(settings.store)
    return os.environ | told | more


class WorkerProcess:
    """One worker of the command line; its log is in its home."""

    def __init__(self, settings: Settings, name: str = "worker-1", fault: str = "") -> None:
        self.settings = settings.model_copy(update={"worker": name, "health_port": free_ports(1)[0]})
        self.log = settings.home / f"{name}.log"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "jobs", "worker"],
                env=environment(self.settings, SCANLEDGER_FAULT=fault),
                cwd=ROOT,
                stderr=log,
                stdout=log,
            )

    def health(self) -> dict[str, Any]:
        """Returns what the worker says about itself; not ok where it does not answer."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.settings.health_port}/health", timeout=5) as answer:  # noqa: S310
                return dict(json.load(answer))
        except urllib.error.HTTPError as red:
            return dict(json.load(red))
        except OSError:
            return {"ok": False, "reasons": ["no answer"]}

    def counted(self, metric: str) -> float:
        """Returns a metric's sum over its labels."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.settings.health_port}/metrics", timeout=5) as answer:  # noqa: S310
            lines = answer.read().decode().splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(metric))

    def signal(self, number: signal.Signals) -> None:
        """Sends a signal."""
        self.process.send_signal(number)

    def stop(self) -> int:
        """Stops it gracefully; returns its exit code."""
        self.process.terminate()
        return self.process.wait(WAIT_SECONDS)

    def kill(self) -> None:
        """Kills it, asleep or awake, and waits until it is gone."""
        self.process.kill()
        self.process.wait()


@contextmanager
def running(settings: Settings, name: str = "worker-1", fault: str = "") -> Iterator[WorkerProcess]:
    """Runs a worker as long as the block runs, once it is ready for it."""
    worker = WorkerProcess(settings, name, fault)
    try:
        wait_for(lambda: worker.health()["ok"] or worker.process.poll() is not None, _COMPILE_SECONDS)
        yield worker
    finally:
        worker.kill()


def wait_for(found: Callable[[], Found], seconds: float = WAIT_SECONDS) -> Found:
    """Returns the first true answer."""
    deadline = time.monotonic() + seconds
    while not (answer := found()):
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.05)
    return answer


def send(settings: Settings, topic: str, pairs: Iterable[Pair], partition: int = 0) -> list[int]:
    """Sends records as they are, null or not, to one partition; returns their offsets."""
    offsets: list[int] = []
    client = producer(settings, **{"linger.ms": 5})
    name = Topics.load(settings.topic_prefix).name(topic)
    for key, value in pairs:
        client.produce(name, value, key, partition, on_delivery=lambda _, sent: offsets.append(sent.offset() or 0))
    assert client.flush(WAIT_SECONDS) == 0
    return offsets


def send_arrivals(settings: Settings, arrivals: Iterable[Arrival], partitions: int = 1) -> None:
    """Sends scans where their keys belong and a copy of every internal record to each partition, in their order."""
    small = {"linger.ms": 5, "batch.num.messages": 25}  # a worker's batches end where a producer's do
    client, topics = producer(settings, **small), Topics.load(settings.topic_prefix)
    for arrival in arrivals:
        topic = "scans" if arrival.is_scan else "internal"
        value = encode("scan" if arrival.is_scan else "internal", arrival.record)
        places = [partition_of(arrival.key or b"", partitions)] if arrival.is_scan else range(partitions)
        for place in places:
            client.produce(topics.name(topic), value, arrival.key, place)
    assert client.flush(WAIT_SECONDS) == 0


class Accounted(NamedTuple):
    """The record by which one input record was accounted for."""

    stream: Stream
    fields: dict[str, Any]


def wait_until_accounted(settings: Settings, *partitions: int, seconds: float = WAIT_SECONDS) -> None:
    """Waits until every stream of these partitions has passed everything that the inputs hold now."""
    topics = Topics.load(settings.topic_prefix)
    marks = {topic: watermarks(settings, topics.name(topic)) for topic in (*_INPUTS, *STREAMS)}
    waiting = {
        (topics.name(stream), p): (marks["scans"][p].high, marks["internal"][p].high)
        for stream in STREAMS
        for p in partitions
    }
    waiting = {place: ends for place, ends in waiting.items() if any(ends)}
    reader = consumer(settings)
    reader.assign(
        [TopicPartition(topics.name(s), p, max(0, marks[s][p].high - _TAIL)) for s in STREAMS for p in partitions]
    )
    deadline = time.monotonic() + seconds
    while waiting:
        assert time.monotonic() < deadline, f"not accounted for in time: {waiting}"
        for message in reader.consume(10_000, 0.1):
            place = (str(message.topic()), int(message.partition() or 0))
            if message.error() is None and message.key() == POSITION_KEY and place in waiting:
                position = decode(message.value() or b"")[1]
                _drop_if_passed(waiting, place, position)
    reader.close()


def _drop_if_passed(
    waiting: dict[tuple[str, int], tuple[int, int]], place: tuple[str, int], position: dict[str, Any]
) -> None:
    scans_end, internal_end = waiting[place]
    if position["scans_next"] >= scans_end and position["internal_next"] >= internal_end:
        del waiting[place]


_INPUTS = ("scans", "internal")
_TAIL = 100
"""Offsets from the end at which a stream's last position is looked for."""
_ACCOUNTS: tuple[Stream, ...] = ("verdicts", "acts", "dead_letters")


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
                assert dict(found) == dict(expected[stream])
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
        kept: dict[bytes, bytes] = {}
        written: dict[Stream, list[Pair]] = {stream: [] for stream in STREAMS}
        for topic, together in groupby(order, lambda one: one[0]):
            records = [record for _, record in together]
            take = ledger.take_scans if topic == "scans" else ledger.take_internal
            outputs = take(batch_of(records), lambda keys: [kept.get(key) for key in keys])
            for stream, one in outputs.records.items():
                pairs = [pair for pair in zip(one.keys, one.values, strict=True) if pair[0] != POSITION_KEY]
                written[stream] += pairs
                kept.update(pairs if stream == "units" else [])
        return written


def batch_of(records: list[Record]) -> Batch:
    """Returns records as a batch."""
    offsets = np.array([record.offset for record in records], np.int64)
    times = np.array([record.timestamp for record in records], np.int64)
    return Batch([record.key for record in records], [record.value for record in records], offsets, times)
