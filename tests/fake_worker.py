"""A worker that decides nothing: it accepts every scan, so that the sink and verify have a ledger to read.

    fake = FakeWorker(settings, partition=0)
    fake.process([a_scan(serial="A"), an_internal(), BAD_BYTES])

Inputs are sent first; then one transaction has a verdict, act or dead letter for each, the units and the positions.
"""

from collections.abc import Sequence
from typing import Any

from pipeline.broker.clients import transactional_producer
from pipeline.broker.send import Sender
from pipeline.broker.topics import Topics
from pipeline.settings import Settings
from pipeline.warehouse.marks import STREAMS, Target
from pipeline.wire.schemas import encode

BAD_BYTES = b"no record at all"
NOON = 1_760_000_000_000
Record = dict[str, Any]
SITES_SEEN = b"\x00site\x00S1"


def a_scan(**changes: Any) -> Record:  # noqa: ANN401
    scan = {
        "scan_id": "scan-1",
        "item": "sku:ACME/WIDGET",
        "serial": "A1",
        "step": "OBSERVE",
        "event_time": NOON,
        "capture_time": NOON + 5,
        "site": "S1",
        "origin": "DEVICE",
        "attributes": [{"name": "colour", "value": "red"}],
    }
    return scan | changes


def an_internal(**changes: Any) -> Record:  # noqa: ANN401
    record = {"id": "i-1", "kind": "SITES", "subject": "sites", "base": 0, "author": "me", "sent_at": NOON}
    return record | {"content": "[]"} | changes


def a_decision(**changes: Any) -> Record:  # noqa: ANN401
    decision = {"outcome": "ACCEPTED", "reason": "NONE", "state_before": "NONE", "state_after": "STOCKED"}
    versions = {"rules_version": "fake", "reference_version": 0, "received_at": NOON + 100}
    return decision | versions | {"sequence": 1} | changes


class FakeWorker:
    """Owns one partition of both inputs, as a worker would."""

    def __init__(self, settings: Settings, partition: int) -> None:
        self.partition = partition
        self.ordinal = 0
        self.nexts = {"scans": 0, "internal": 0}
        self.sequences: dict[bytes, int] = {}
        self.topics = Topics.load(settings.topic_prefix)
        self._senders = {topic: Sender(settings, topic) for topic in self.nexts}
        self._producer = transactional_producer(settings, f"{settings.topic_prefix}fake-{partition}")
        self._producer.init_transactions(30)

    @property
    def target(self) -> Target:
        return Target(self.nexts["scans"] - 1, self.nexts["internal"] - 1)

    def process(self, inputs: Sequence[Record | bytes], more: Sequence[tuple[str, Record]] = ()) -> None:
        """Account for the inputs in one transaction, with `more` records of (stream, record) besides."""
        origins = [self._send(one) for one in inputs]
        for sender in self._senders.values():
            sender.finish()
        self._producer.begin_transaction()
        units: dict[bytes, Record] = {}
        for one, (topic, offset) in zip(inputs, origins, strict=True):
            self.ordinal += 1
            origin = {"partition": self.partition, "ordinal": self.ordinal, "topic": topic, "offset": offset}
            stream, key, record = _accounted(one, origin)
            if stream == "verdicts":
                self.sequences[key] = record["decision"]["sequence"] = self.sequences.get(key, 0) + 1
                units[key] = self.unit(key, record["scan"])
            self.produce(stream, key, record)
        for key, unit in units.items():
            self.produce("units", key, unit)
        for stream, record in more:
            self.produce(stream, b"k", record)
        self.position()
        self._producer.commit_transaction(30)

    def abort(self, inputs: Sequence[Record]) -> None:
        """Write what a dying worker would have written, and abort."""
        self._producer.begin_transaction()
        for one in inputs:
            origin = {"partition": self.partition, "ordinal": self.ordinal + 1, "topic": "scans", "offset": 10**6}
            self.produce(*_accounted(one, origin))
        self._producer.flush(30)
        self._producer.abort_transaction(30)

    def unit(self, key: bytes, scan: Record) -> Record:
        return {
            "key": key.decode(),
            "version": 1,
            "sequence": self.sequences[key],
            "item": scan["item"],
            "serial": scan["serial"],
            "lifecycle": "retail",
            "state": "STOCKED",
            "site": scan["site"],
            "applied": self.sequences[key],
            "rejected": 0,
            "open_alerts": 1,
            "alerts": [{"kind": "IMPOSSIBLE_TRAVEL", "opening": 1, "status": "OPEN", "count": 7}],
            "partition": self.partition,
            "ordinal": self.ordinal,
            "fold": b"\x00\xff" + key,
        }

    def revision(self, of: int, n: int = 0, **changes: Any) -> tuple[str, Record]:  # noqa: ANN401
        """Return a revision of an earlier verdict, caused by the record that is processed next."""
        names = {"partition": self.partition, "ordinal": of, "caused_by": self.ordinal + 1, "n": n}
        revised = a_decision(outcome="REJECTED", reason="RETRACTED", sequence=2)
        return "revisions", {"item": "sku:ACME/WIDGET", "serial": "A1"} | names | revised | changes

    def alert(self, n: int = 0, **changes: Any) -> tuple[str, Record]:  # noqa: ANN401
        """Return an alert caused by the record that is processed next."""
        record = {
            "partition": self.partition,
            "ordinal": self.ordinal + 1,
            "n": n,
            "id": f"{self.partition:032x}",
            "subject": "unit:sku:ACME/WIDGET/A1",
            "kind": "IMPOSSIBLE_TRAVEL",
            "opening": 1,
            "status": "OPEN",
            "event": "OPENED",
            "count": 1,
            "site": "S1",
            "event_time": NOON,
            "received_at": NOON + 100,
            "author": "",
            "reason": "",
            "sequence": 1,
            "rules_version": "fake",
            "reference_version": 0,
        }
        return "alerts", record | changes

    def produce(self, stream: str, key: bytes, record: Record) -> None:
        singular = {"dead_letters": "dead_letter"}.get(stream, stream[:-1])
        self._produce(stream, key, encode(singular, record))

    def position(self) -> None:
        position = {"scans_next": self.nexts["scans"], "internal_next": self.nexts["internal"]}
        value = encode(
            "position",
            position | {"ordinal": self.ordinal, "reference_version": 0, "sites": 1, "rules_version": "fake"},
        )
        site = {"kind": "SITE", "name": "S1", "index": 1, "version": 0, "content": "null"}
        self._produce("units", SITES_SEEN, encode("reference", site))
        for stream in STREAMS:
            self._produce(stream, b"\x00position", value)

    def _produce(self, stream: str, key: bytes, value: bytes) -> None:
        self._producer.produce(self.topics.name(stream), key=key, value=value, partition=self.partition)
        self._producer.poll(0)

    def _send(self, one: Record | bytes) -> tuple[str, int]:
        topic = "internal" if isinstance(one, dict) and "kind" in one else "scans"
        value = one if isinstance(one, bytes) else encode("internal" if topic == "internal" else "scan", one)
        self._senders[topic].send([b"k"], [value], self.partition)
        self.nexts[topic] += 1
        return self.topics.name(topic), self.nexts[topic] - 1


def _accounted(one: Record | bytes, origin: Record) -> tuple[str, bytes, Record]:
    if isinstance(one, bytes):
        letter = {"n": 0, "received_at": NOON + 100, "error": "UNDECODABLE", "detail": "", "key": b"k", "value": one}
        return "dead_letters", b"k", origin | letter | {"size": len(one), "sha256": "0" * 64}
    if "kind" in one:
        act = {name: one[name] for name in ("id", "kind", "subject", "author", "content", "base")}
        result = {"n": 0, "received_at": NOON + 100, "result": "APPLIED", "reason": ""}
        return "acts", b"sites", origin | act | result | {"reference_version": 1, "rules_version": "fake"}
    key = f"{one['item']}/{one['serial']}".encode()
    return "verdicts", key, {"scan": one, "decision": a_decision() | origin}
