"""One partition's transactions: every record of a batch in one, or none of them.

Flow: keys and values by topic, of this partition and of others -> one committed Kafka transaction.

Invariants: taking over fences the former owner before anything is read; a commit whose outcome is unknown is repeated,
never aborted; after Aborted nothing of the batch is visible, after Fenced nothing may be written any more.
"""

import contextlib
import logging
import time
from collections.abc import Iterable, Sequence
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Producer

from pipeline.broker.clients import transactional_producer
from pipeline.errors import BrokerUnreachable
from pipeline.settings import Settings

_LOG = logging.getLogger("pipeline.broker")
_STEP_SECONDS = 10.0
_GIVE_UP_SECONDS = 120.0
_QUEUE_RECORDS = 2_000_000  # a batch and its outputs always fit: produce() need not wait
_QUEUE_KILOBYTES = 2_000_000
_TRANSACTION_MS = 60_000

Here = tuple[str, list[bytes], Sequence[bytes | None]]
"""Topic, keys and values of records for the writer's own partition number; None takes away what a key stood for."""
Elsewhere = tuple[str, list[int], list[bytes], list[bytes]]
"""Topic, partitions, keys and values of records that go where their keys belong."""


class Aborted(Exception):  # noqa: N818  an outcome, named as Kafka names it
    """The transaction was aborted: its effects are gone, the batch must be taken again."""


class Fenced(Exception):  # noqa: N818  an outcome, named as Kafka names it
    """Another owner has taken over: stop, write nothing, rejoin the group."""


class OwnershipLost(Exception):  # noqa: N818  an outcome
    """The outcome is not known or the producer is broken: close it and take the partition over afresh."""


class TransactionalWriter:
    """The only writer of one partition of the output topics."""

    def __init__(self, settings: Settings, transactional_id: str) -> None:
        self._producer: Producer = transactional_producer(
            settings,
            transactional_id,
            **{
                "queue.buffering.max.messages": _QUEUE_RECORDS,
                "queue.buffering.max.kbytes": _QUEUE_KILOBYTES,
                "batch.num.messages": 10_000,
                "transaction.timeout.ms": _TRANSACTION_MS,
                "linger.ms": 5,
            },
        )
        self._last_offset = -1

    def take_over(self) -> None:
        """Fence the former owner and settle its open transaction.

        Raises:
            BrokerUnreachable: the coordinator did not answer for two minutes.
            OwnershipLost: the broker refuses.
        """
        deadline = time.monotonic() + _GIVE_UP_SECONDS
        while True:
            try:
                self._producer.init_transactions(_STEP_SECONDS)
            except KafkaException as failure:
                error = _error(failure)
                if not error.retriable():
                    raise OwnershipLost(str(error)) from failure
                if time.monotonic() > deadline:
                    message = f"Kafka's transaction coordinator does not answer: {error.str()}"
                    raise BrokerUnreachable(message) from failure
            else:
                return

    def write(self, partition: int, records: Iterable[Here], watched: str, elsewhere: Iterable[Elsewhere] = ()) -> int:
        """Write records to one partition number of each topic, and others elsewhere, in one transaction.

        Returns:
            The offset of the last record written to the topic `watched`.

        Raises:
            Aborted: nothing was written.
            Fenced: another owner has taken over.
            OwnershipLost: not known; the next take-over settles it.
        """
        try:
            self._write(partition, records, watched, elsewhere)
        except SystemError as failure:
            # The client library hands out delivery reports while it has yet to raise what went wrong (fenced, mostly);
            # Python then raises this, and what went wrong is lost.
            raise OwnershipLost(str(failure)) from failure
        return self._last_offset

    def _write(self, partition: int, records: Iterable[Here], watched: str, elsewhere: Iterable[Elsewhere]) -> None:
        try:
            self._producer.begin_transaction()
            for topic, partitions, keys, values in elsewhere:
                for other, key, value in zip(partitions, keys, values, strict=True):
                    self._producer.produce(topic, value, key, other)
            self._produce(partition, records, watched)
        except KafkaException as failure:
            self._settle(failure)
        self._commit()

    def _produce(self, partition: int, records: Iterable[Here], watched: str) -> None:
        produce = self._producer.produce
        for topic, keys, values in records:
            many = len(keys) - 1
            for key, value in zip(keys[:many], values[:many], strict=True):
                produce(topic, value, key, partition)
            for key, value in zip(keys[many:], values[many:], strict=True):
                if topic == watched:
                    produce(topic, value, key, partition, on_delivery=self._note_offset)
                else:
                    produce(topic, value, key, partition)

    def _note_offset(self, error: KafkaError | None, message: Any) -> None:  # noqa: ANN401  confluent's Message
        if error is None:
            self._last_offset = message.offset()

    def _commit(self) -> None:
        deadline = time.monotonic() + _GIVE_UP_SECONDS
        while True:
            try:
                self._producer.commit_transaction(_STEP_SECONDS)
            except KafkaException as failure:
                error = _error(failure)
                may_be_repeated = error.retriable() or error.code() == KafkaError._TIMED_OUT
                if not may_be_repeated or time.monotonic() > deadline:
                    self._settle(failure)
                _LOG.warning("commit not answered yet, repeating it: %s", error.str())
            else:
                return

    def _settle(self, failure: KafkaException) -> None:
        """Turn a failure into what the caller can do next."""
        error = _error(failure)
        if error.code() in (KafkaError._FENCED, KafkaError.INVALID_PRODUCER_EPOCH, KafkaError.PRODUCER_FENCED):
            raise Fenced(error.str()) from failure
        if error.txn_requires_abort():
            try:
                self._producer.abort_transaction(_STEP_SECONDS)
            except KafkaException as second:
                raise OwnershipLost(str(second)) from failure
            raise Aborted(error.str()) from failure
        raise OwnershipLost(error.str()) from failure

    def close(self) -> None:
        """Let go of the producer without waiting for what was never committed."""
        with contextlib.suppress(SystemError):  # as in `write`: of what went wrong the owner was told there
            self._producer.purge()
            self._producer.flush(1.0)


def _error(failure: KafkaException) -> KafkaError:
    error = failure.args[0]
    assert isinstance(error, KafkaError)
    return error
