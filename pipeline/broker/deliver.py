"""Sending for several requests at once: each learns when the broker has all of its records, or that it may not have.

Flow: keys and framed values of one request in -> a call when all are acknowledged, or when one is not in time.

Invariants: records of one call follow one another in their order; a call is taken whole or not at all; what was not
acknowledged in time is given up, but may be on the log all the same.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Producer

from pipeline.broker.clients import producer
from pipeline.broker.topics import Topics
from pipeline.errors import NotDelivered, QueueFull
from pipeline.settings import Settings

_LOG = logging.getLogger("pipeline.broker")
_QUEUE_RECORDS = 200_000
_LINGER_MS = 5
_POLL_SECONDS = 0.1
_CLOSE_SECONDS = 3.0


class Delivery:
    """The records of one call on their way; `done` is called once, from another thread, when the last is settled."""

    def __init__(self, records: int, done: Callable[[], None], broken: threading.Event) -> None:
        self._left, self._done, self._broken = records, done, broken
        self.refused = ""
        """What the broker said of the first record that it did not take; nothing where it has them all."""

    def settle(self, error: KafkaError | None, _: Any = None) -> None:  # noqa: ANN401  confluent's Message
        """Take the report of one record."""
        if error is not None:
            self.refused = self.refused or error.str()
            if error.fatal() or error.code() == KafkaError._FATAL:
                self._broken.set()
        self._left -= 1
        if not self._left:
            self._done()


class Deliverer:
    """One producer with one topic, shared by threads; a thread of its own takes the broker's reports."""

    def __init__(self, settings: Settings, topic: str, patience_seconds: float) -> None:
        """Prepare to send to a topic of the index; the broker need not be there yet.

        Args:
            settings: where the broker is.
            topic: its key in the index.
            patience_seconds: how long a record is tried.
        """
        known = Topics.load(settings.topic_prefix)[topic]
        self._settings, self._topic, self._batch_bytes = settings, known.name, known.batch_bytes
        self._patience_ms = round(patience_seconds * 1000)
        self._lock = threading.Lock()
        self._producer = self._new()
        self._closing, self._broken = threading.Event(), threading.Event()
        self._reports = threading.Thread(target=self._take_reports, name="deliveries", daemon=True)
        self._reports.start()

    def send(self, keys: Sequence[bytes], values: Sequence[bytes], done: Callable[[], None]) -> Delivery:
        """Queue records, each for where its key belongs; not none.

        Raises:
            QueueFull: too many are on their way already; nothing was queued.
        """
        delivery = Delivery(len(keys), done, self._broken)
        records: list[dict[str, Any]] = [{"key": key, "value": value} for key, value in zip(keys, values, strict=True)]
        with self._lock:
            if len(self._producer) + len(records) > _QUEUE_RECORDS:
                message = f"{len(self._producer):,} records are on their way to Kafka already"
                raise QueueFull(message)
            queued = self._producer.produce_batch(self._topic, records, on_delivery=delivery.settle)
        if queued != len(records):
            for refused in (record["_error"] for record in records if "_error" in record):
                delivery.settle(refused)
        return delivery

    def fault(self, seconds: float) -> str:
        """Ask the broker for the topic; return nothing, or why it does not answer."""
        try:
            self._producer.list_topics(self._topic, timeout=seconds)
        except KafkaException as error:
            return str(error.args[0].str())
        return ""

    def close(self) -> None:
        """Wait a little for what is on its way, then let go.

        Raises:
            NotDelivered: the broker has not acknowledged all.
        """
        left = self._producer.flush(_CLOSE_SECONDS)
        self._closing.set()
        self._reports.join()
        if left:
            message = f"Kafka has not acknowledged {left} records of {self._topic}; nobody was told that it had."
            raise NotDelivered(message)

    def _new(self) -> Producer:
        conf = {
            "queue.buffering.max.messages": _QUEUE_RECORDS,
            "message.timeout.ms": self._patience_ms,
            "linger.ms": _LINGER_MS,
            "message.max.bytes": self._batch_bytes,
        }
        return producer(self._settings, **conf)

    def _take_reports(self) -> None:
        while not self._closing.is_set():
            self._producer.poll(_POLL_SECONDS)
            if self._broken.is_set():
                self._renew()

    def _renew(self) -> None:
        """Replace a producer that its client has given up for good."""
        with self._lock:
            former, self._producer = self._producer, self._new()
            self._broken.clear()
        _LOG.warning("the producer of %s could not go on and was replaced", self._topic)
        former.purge()
        former.flush(_CLOSE_SECONDS)
