"""One partition in a worker: the five steps of a batch, and the life of an ownership around them.

Flow: Deliveries from the transport -> ledger -> one transaction -> store.

Steps 4 and 5 run on a thread that nothing cancels: once a transaction has begun, the batch is committed and stored, or
the ownership ends and the next take-over reads from Kafka which of both it was.
"""

import asyncio
import contextlib
import logging
import threading
import time
from concurrent.futures import Executor
from typing import Protocol

from pipeline.broker.topics import Topics
from pipeline.broker.transactions import Aborted, Fenced, OwnershipLost
from pipeline.errors import BrokerUnreachable, ScanledgerError
from pipeline.ledger.batch import Batch, Most
from pipeline.ledger.outputs import POSITION_KEY, Outputs, Stream
from pipeline.ledger.position import encode_position
from pipeline.metrics import Progress, count, gauge, observe
from pipeline.worker.measures import measure
from pipeline.worker.takeover import Holding, Means, take_over
from pipeline.worker.turns import Delivery, Interrupted, Turn, Turns

_LOG = logging.getLogger("pipeline.worker")
_RETRY_SECONDS = (0.2, 0.5, 1.0, 2.0, 5.0)
_AT_ONCE = Most(taken=250, told=150)
"""Scans of others wait no longer for a pallet's move. Derived scans are cheaper than what tells: they are columns."""
_BY_THE_RECORD = threading.Lock()
"""Held while `internal` is accounted for, one partition after the other: much of that is Python, and threads that take
turns at the interpreter within a transaction make each of their transactions longer. Of the process, as the
interpreter's own lock is. Waiting for it is no processor time, and in no stage."""
_FEW_SCANS = 2_000
"""Beside more, most of a turn is compiled code, which runs on several cores: it does not take the lock."""


class Inputs(Protocol):
    """What a run asks of the consumer that feeds it."""

    async def seek(self, partition: int, scans_next: int, internal_next: int) -> None:
        """Read both inputs of the partition from these offsets on."""

    async def is_ours(self, partition: int) -> bool:
        """Whether the group says that the partition is this member's."""


class NotOurs(Exception):  # noqa: N818  an outcome
    """The group has given the partition to somebody else, or has yet to say whose it is."""


_EXPECTED = (ScanledgerError, OwnershipLost, Aborted, Fenced, Interrupted, NotOurs)


class PartitionRun:
    """One ownership of one partition, from assignment to revocation."""

    def __init__(self, means: Means, partition: int, inputs: Inputs, executor: Executor, progress: Progress) -> None:
        self.partition = partition
        self.is_ready = False
        self.holding: Holding | None = None
        self._means, self._inputs, self._executor, self._progress = means, inputs, executor, progress
        self._name = f"partition {partition}"
        self._topics = Topics.load(means.settings.topic_prefix)
        self._turns = Turns()
        self._is_stopping = self._is_last = False
        self._may_be_lost = False

    def has_room(self, *, is_internal: bool) -> bool:
        """Whether the transport may fetch this input of the partition."""
        return self.is_ready and not self._is_stopping and self._turns.has_room(is_internal=is_internal)

    @property
    def waiting(self) -> int:
        """How many batches were fetched and are not done yet, the one being worked on among them."""
        return self._turns.waiting

    def number(self, *, is_internal: bool) -> int:
        """Return the number of a batch that is about to be delivered."""
        return self._turns.number(is_internal=is_internal)

    @property
    def next_offsets(self) -> tuple[int, int] | None:
        """Next offset of scans and internal, where known."""
        holding = self.holding
        return None if holding is None else (holding.ledger.position.scans_next, holding.ledger.position.internal_next)

    def deliver(self, delivery: Delivery) -> None:
        """Queue a batch; it never waits."""
        self._turns.arrive(delivery)

    def interrupt(self) -> None:
        """Fetch again from the position once what arrived is taken: something that was fetched did not arrive."""
        self.is_ready = False
        self._turns.arrive(None)

    @property
    def is_told(self) -> bool:
        """Whether every stream knows how far the partition has come."""
        return self.holding is not None and not self.holding.closings.untold

    def stop(self, *, is_last: bool = False) -> None:
        """Finish the batch at hand, then end; the last owner for now also tells the streams that wait for it."""
        self._is_stopping, self._is_last = True, is_last
        self._turns.arrive(None)

    async def run(self, former: "asyncio.Task[None] | None") -> None:
        """Own the partition until stopped; a fault ends the holding, and it is taken over afresh.

        Taking over fences whoever has the partition. A worker that slept past its session does not know yet that it is
        another's, and two that fence each other would never end: so after a fault the group is asked first.
        """
        if former is not None:
            await asyncio.wait([former])
        failures = 0
        while not self._is_stopping:
            taken = self._turns.taken
            try:
                await self._own()
                failures = 0
            except Exception as fault:
                failures = failures + 1 if self._turns.taken == taken else 1
                self._note(fault)
            finally:
                await self._let_go()
            if not self._is_stopping and failures:
                await self._pause(_RETRY_SECONDS[min(failures, len(_RETRY_SECONDS)) - 1])
        self._progress.forget(self._name)

    def _note(self, fault: BaseException) -> None:
        self._may_be_lost = not isinstance(fault, Aborted | Interrupted)
        count("scanledger_worker_errors_total", where=type(fault).__name__)
        if isinstance(fault, _EXPECTED):
            _LOG.warning("%s: %s: %s", self._name, type(fault).__name__, fault)
        else:
            _LOG.error("%s: taken over afresh after an unexpected fault", self._name, exc_info=fault)
        if isinstance(fault, ScanledgerError) and not isinstance(fault, BrokerUnreachable):
            self._progress.trouble(self._name, str(fault))
            gauge("scanledger_worker_store_paused", 1, partition=self.partition)

    async def _pause(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not self._is_stopping and time.monotonic() < deadline:
            await asyncio.sleep(0.05)

    async def _own(self) -> None:
        begun = time.monotonic()
        loop = asyncio.get_running_loop()
        if self._may_be_lost and not await self._inputs.is_ours(self.partition):
            message = "the group has given the partition to another worker, or is about to"
            raise NotOurs(message)
        self.holding = await loop.run_in_executor(self._executor, take_over, self._means, self.partition)
        position = self.holding.ledger.position
        self._turns.forget()
        await self._inputs.seek(self.partition, position.scans_next, position.internal_next)
        observe("scanledger_worker_takeover_seconds", time.monotonic() - begun)
        gauge("scanledger_worker_store_paused", 0, partition=self.partition)
        _LOG.info("%s: taken over at ordinal %d, scans %d", self._name, position.ordinal, position.scans_next)
        self._progress.moved(self._name)
        self.is_ready = True
        while not self._is_stopping:
            turn = await self._next_turn(self.holding)
            if turn is None:
                break
            self._turns.took(turn, await loop.run_in_executor(self._executor, self._take, turn))
            self._progress.moved(self._name)
        if self._is_last and self.holding.closings.untold:
            await loop.run_in_executor(self._executor, self._close_streams, self.holding)

    async def _next_turn(self, holding: Holding) -> Turn | None:
        """Wait for the next turn; where none comes, the streams that wait for the last one's position are told."""
        while True:
            try:
                return await self._turns.next(holding.closings.seconds_left(time.monotonic()))
            except TimeoutError:
                await asyncio.get_running_loop().run_in_executor(self._executor, self._close_streams, holding)

    async def _let_go(self) -> None:
        self.is_ready = False
        holding, self.holding = self.holding, None
        if holding is None:
            return
        try:
            await asyncio.get_running_loop().run_in_executor(self._executor, holding.close)
        except Exception as fault:  # the run goes on: a partition nobody tries to own would stand still
            self._note(fault)

    def _take(self, turn: Turn) -> int:
        """Account for a turn: decode, load, fold and encode in the ledger, then commit, then store.

        Returns the offset up to which `internal` was taken: a batch that tells a lot is taken in parts.
        """
        holding, begun = self.holding, time.thread_time()
        assert holding is not None
        ledger, position = holding.ledger, holding.ledger.position
        internal = _next_of([] if turn.internal is None else [turn.internal], position.internal_next)
        scans = _next_of(turn.scans, position.scans_next)
        former = position.ordinal
        if internal is not None:
            has_few = scans is None or len(scans) <= _FEW_SCANS
            with _BY_THE_RECORD if has_few else contextlib.nullcontext():
                outputs = ledger.take_internal(internal, holding.store, _AT_ONCE, scans=scans)
        else:
            assert scans is not None
            outputs = ledger.take_scans(scans, holding.store.load)
        ready, opened = time.thread_time(), time.perf_counter()
        streams = holding.closings.chosen(outputs, time.monotonic())
        last = holding.writer.write(
            self.partition,
            [(self._topics.name(stream), *_written(outputs, stream)) for stream in streams],
            watched=self._topics.name("units"),
            elsewhere=[(self._topics.name("internal"), *_sent(outputs, ledger.where.partitions))],
        )
        holding.closings.told(streams, time.monotonic())
        committed = time.thread_time()
        observe("scanledger_worker_transaction_seconds", time.perf_counter() - opened)
        self._means.fault("worker.between_commit_and_store")
        holding.store.save(*_written(outputs, "units"), last + 1)
        # Processor seconds of this thread, as the ledger's own stages are: waiting for the broker costs nothing.
        seconds = {"ledger": ready - begun, "commit": committed - ready, "store": time.thread_time() - committed}
        measure(position.ordinal - former, outputs, outputs.seconds | seconds)
        return position.internal_next

    def _close_streams(self, holding: Holding) -> None:
        """Tell the position to the streams that have yet to be told, in a transaction of its own."""
        streams, ledger = holding.closings.untold, holding.ledger
        position = encode_position(ledger.position, ledger.reference)
        holding.writer.write(
            self.partition,
            [(self._topics.name(stream), [POSITION_KEY], [position]) for stream in streams],
            watched=self._topics.name("units"),
        )
        holding.closings.told(streams, time.monotonic())


def _next_of(deliveries: list[Delivery], begin: int) -> Batch | None:
    """Return what was fetched of an input of which a certain offset is next.

    Raises:
        Interrupted: it was fetched again.
    """
    if not deliveries:
        return None
    batch = Batch.joined([delivery.batch for delivery in deliveries])
    if int(batch.offsets[0]) < begin:
        message = f"offset {batch.offsets[0]} was fetched again; {begin} is next"
        raise Interrupted(message)
    return batch


def _written(outputs: Outputs, stream: Stream) -> tuple[list[bytes], list[bytes] | list[bytes | None]]:
    """Return what goes to a stream; its last record is the position, which says that all of it is there."""
    records = outputs.records[stream]
    if stream != "units" or not outputs.gone:
        return records.keys, records.values
    return outputs.gone + records.keys, [None] * len(outputs.gone) + list[bytes | None](records.values)


def _sent(outputs: Outputs, partitions: int) -> tuple[list[int], list[bytes], list[bytes]]:
    return outputs.internal.partitions(partitions), outputs.internal.keys, outputs.internal.values
