"""A worker of few words for tests of the command line: acts on reference data as the real one, accepts every scan.

It writes to the real broker, in transactions that end with a position record, as every reader may expect.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from confluent_kafka import OFFSET_BEGINNING, TopicPartition

from pipeline.broker.clients import consumer, transactional_producer
from pipeline.broker.read import Record
from pipeline.broker.topics import Topics
from pipeline.domain.reference import Reference
from pipeline.ledger.built_in import built_in_lifecycles
from pipeline.settings import Settings
from pipeline.wire.schemas import decode, encode

POLL_SECONDS = 0.05
POSITION_KEY = b"\0position"
OUTPUTS = ("verdicts", "revisions", "acts", "units", "alerts", "dead_letters")


class AnsweringWorker:
    """Owns all partitions; while it `is_away` nobody answers.

    `alert_results` says what comes of the next acts on alerts, APPLIED where it is empty.
    """

    def __init__(self, settings: Settings, partitions: int) -> None:
        self._settings = settings
        self._topics = Topics.load(settings.topic_prefix)
        self._producer = transactional_producer(settings, f"{settings.topic_prefix}answering")
        self._producer.init_transactions(30)
        self._next = {(topic, p): 0 for topic in ("internal", "scans") for p in range(partitions)}
        self._ordinals = [0] * partitions
        self.references = [Reference(built_in_lifecycles()) for _ in range(partitions)]
        self.alert_results: list[str] = []
        self.is_away = threading.Event()
        self.acts: list[dict[str, Any]] = []

    def answer(self, should_stop: threading.Event) -> None:
        """Account for records until told to stop."""
        reader = consumer(self._settings)
        reader.assign([TopicPartition(self._topics.name(topic), p, OFFSET_BEGINNING) for topic, p in self._next])
        topics = {self._topics.name(topic): topic for topic, _ in self._next}
        while not should_stop.is_set():
            if self.is_away.is_set():
                should_stop.wait(POLL_SECONDS)
                continue
            for message in reader.consume(1, POLL_SECONDS):
                assert message.error() is None
                offset, key, value = message.offset(), message.key(), message.value()
                assert isinstance(key, bytes)
                assert isinstance(value, bytes)
                place = topics[str(message.topic())], int(message.partition() or 0)
                self._next[place] = int(offset or 0) + 1
                self._account(*place, Record(int(offset or 0), message.timestamp()[1], key, value))
        reader.close()

    def _account(self, topic: str, partition: int, record: Record) -> None:
        self._producer.begin_transaction()
        self._ordinals[partition] += 1
        name, fields = decode(record.value or b"")
        if name == "scan":
            self._write("verdicts", partition, record.key or b"", ("verdict", self._verdict(partition, record, fields)))
        else:
            act = self._act(partition, record, fields)
            self.acts.append(act)
            self._write("acts", partition, record.key or b"", ("act", act))
        position = {
            "scans_next": self._next["scans", partition], "internal_next": self._next["internal", partition],
            "ordinal": self._ordinals[partition], "reference_version": self.references[partition].version, "sites": 0,
            "rules_version": "test",
        }  # fmt: skip
        for output in OUTPUTS:
            self._write(output, partition, POSITION_KEY, ("position", position))
        self._producer.commit_transaction(30)

    def _write(self, topic: str, partition: int, key: bytes, record: tuple[str, dict[str, Any]]) -> None:
        self._producer.produce(self._topics.name(topic), encode(*record), key, partition)

    def _act(self, partition: int, record: Record, fields: dict[str, Any]) -> dict[str, Any]:
        is_reference = fields["kind"] in {"SITES", "LIFECYCLE", "MODES"}
        reference = self.references[partition]
        result, reason = reference.load(fields) if is_reference else ((self.alert_results or ["APPLIED"]).pop(0), "")
        return {
            "partition": partition, "ordinal": self._ordinals[partition], "n": 0,
            "topic": self._topics.name("internal"), "offset": record.offset, "received_at": record.timestamp,
            **{name: fields[name] for name in ("id", "kind", "subject", "author", "content", "base")},
            "result": result, "reason": reason, "reference_version": reference.version, "rules_version": "test",
        }  # fmt: skip

    def _verdict(self, partition: int, record: Record, scan: dict[str, Any]) -> dict[str, Any]:
        decision = {
            "outcome": "ACCEPTED", "reason": "NONE", "state_before": "NONE", "state_after": "COMMISSIONED",
            "sequence": 1, "rules_version": "test", "reference_version": 0, "received_at": record.timestamp,
            "topic": self._topics.name("scans"), "partition": partition, "offset": record.offset,
            "ordinal": self._ordinals[partition], "commissioned_at": scan["event_time"], "previous_site": None,
            "previous_event_time": None, "shipped_at": None, "sold_at": None, "returned_at": None, "failed_at": None,
            "lot": scan["lot"],
        }  # fmt: skip
        return {"scan": scan, "decision": decision}


@contextmanager
def answering(settings: Settings, partitions: int) -> Iterator[AnsweringWorker]:
    """Run such a worker on a thread as long as the block runs."""
    worker, should_stop = AnsweringWorker(settings, partitions), threading.Event()
    thread = threading.Thread(target=worker.answer, args=(should_stop,))
    thread.start()
    try:
        yield worker
    finally:
        should_stop.set()
        thread.join()


def sites_of(acts: list[dict[str, Any]], partition: int) -> list[str]:
    """Return the names of the sites that the applied acts of a partition loaded, in order."""
    applied = [act for act in acts if act["partition"] == partition and act["result"] == "APPLIED"]
    return [site["name"] for act in applied if act["kind"] == "SITES" for site in json.loads(act["content"])]
