"""Faust's Kafka transport, made to hand on one message per fetched list instead of one per record.

Flow: fetched Batches -> Deliveries, one a partition and fetch, tagged with the ownership they were fetched for.

Where reading resumes is never Faust's to decide: its offset arithmetic is wrong for batches and for the gaps that
transactions leave. Each ownership seeks to the position in its own ledger.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any, Protocol

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import NoOffsetForPartitionError, OffsetOutOfRangeError
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage

from pipeline.ledger.batch import Batch
from pipeline.worker.partition import PartitionRun
from pipeline.worker.turns import Delivery

FETCH_BYTES = 4 * 1024 * 1024  # per partition, compressed: some 40,000 scans
FETCH_WAIT_MS = 50
ROOM_SECONDS = 0.002
SHORT_SECONDS = 0.02


class Owners(Protocol):
    """What the transport asks of whoever owns the partitions."""

    scans: str
    internal: str
    runs: Mapping[int, PartitionRun]

    async def assign(self, partitions: set[int]) -> None:
        """Own exactly these partitions from now on."""


class ConsumerThread(driver.AIOKafkaConsumerThread):
    """The thread that talks to Kafka; it reads committed records only."""

    _fault: OffsetOutOfRangeError | None = None

    def _create_worker_consumer(self, transport: Any) -> AIOKafkaConsumer:  # noqa: ANN401  faust's own
        consumer = super()._create_worker_consumer(transport)
        # Faust asks for committed records only in its own exactly-once mode, which is not ours.
        consumer._isolation_level = "read_committed"
        # aiokafka has one fetch under way per broker. One sent while the scans at hand wait for room asks `internal`
        # alone, and Faust has it wait 1.5 s for a record there, with every partition's scans behind it.
        consumer._fetch_max_wait_ms = FETCH_WAIT_MS
        return consumer

    async def _fetch_records(
        self,
        consumer: AIOKafkaConsumer,
        active_partitions: set[TP],
        timeout: float | None = None,
        max_records: int | None = None,
    ) -> Any:  # noqa: ANN401  Faust's own, of its messages; ours are Batches
        """Return the next Batch of each input of each partition that has come.

        aiokafka counts a Batch as one record, so it hands on one input of one partition at a time; each time is a way
        there and back between two threads, which a busy worker lets wait.
        """
        self._raise_fault()
        records = dict(await super()._fetch_records(consumer, active_partitions, timeout, max_records))
        if records:
            for tp in active_partitions - records.keys():
                try:
                    records |= await super()._fetch_records(consumer, {tp}, 0, max_records)
                except NoOffsetForPartitionError:  # from before the seek; what was fetched of others is not to be lost
                    continue
                except OffsetOutOfRangeError as error:
                    self._fault = error
        return records

    def _raise_fault(self) -> None:
        """Raise what was found beside records of others."""
        fault, self._fault = self._fault, None
        if fault is not None:
            raise fault


class Consumer(driver.Consumer):
    """A consumer that delivers fetched lists whole."""

    owners: Owners

    def _new_consumer_thread(self) -> ConsumerThread:
        return ConsumerThread(self, loop=self.loop, beacon=self.beacon)

    def _with_room(self) -> set[TP]:
        """Return what to fetch: active inputs, their ownership ready and with room.

        Faust pauses and resumes by changing what `_get_active_partitions` returns in place, so that stays its own.
        """
        runs = self.owners.runs
        with_room = {
            TP(topic, partition)
            for partition, run in runs.items()
            for topic in (self.owners.scans, self.owners.internal)
            if run.has_room(is_internal=topic == self.owners.internal)
        }
        return {tp for tp in self._get_active_partitions() if tp in with_room}

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, ConsumerMessage]]:
        """Fetch, and yield one message per partition that had records."""
        if not self.flow_active:
            await self.can_resume_flow.wait()
        before = dict(self.owners.runs)
        active = self._with_room()
        if not active:
            await asyncio.sleep(ROOM_SECONDS)
            return
        # While some partition is busy, do not wait long for the others: it may have room in a moment.
        everything = len(active) == len(self._get_active_partitions())
        records = await self._fetch(active, timeout if everything else SHORT_SECONDS)
        if not records or self.should_stop:
            return
        generation = self.app.consumer_generation_id
        ordered = sorted(records, key=lambda tp: (tp.topic != self.owners.internal, tp.partition))
        for tp in ordered:
            run = self.owners.runs.get(tp.partition)
            if run is None or not records[tp]:
                continue
            if run is not before.get(tp.partition) or not run.is_ready:
                run.interrupt()
                continue
            yield tp, self._message(tp, records[tp], run, generation)

    async def _fetch(self, active: set[TP], timeout: float) -> dict[TP, list[Batch]]:
        """Fetch; where the log does not have the position, its ownership looks again: nothing is reset by itself."""
        try:
            return dict(await self._getmany(active_partitions=active, timeout=timeout))
        except NoOffsetForPartitionError:
            return {}  # nothing was ever committed there, and the seek is still to come or has been made meanwhile
        except OffsetOutOfRangeError as error:
            for tp in error.args[0]:
                run = self.owners.runs.get(tp.partition)
                if run is not None:
                    run.interrupt()
            return {}

    @property
    def member_id(self) -> str:
        """What the group calls this consumer."""
        return str(self._thread._ensure_consumer()._coordinator.member_id)

    def _message(self, tp: TP, records: list[Batch], run: PartitionRun, generation: int) -> ConsumerMessage:
        batch = records[0]  # max_poll_records is 1: one Batch, however many records
        is_internal = tp.topic == self.owners.internal
        delivery = Delivery(run, run.number(is_internal=is_internal), is_internal, batch)
        last, seconds = int(batch.offsets[-1]), int(batch.received_at[-1]) / 1000
        return ConsumerMessage(
            topic=tp.topic,
            partition=tp.partition,
            offset=last,
            timestamp=seconds,
            timestamp_type=0,
            headers=[],
            key=None,
            value=delivery,  # type: ignore[arg-type]  # Faust hands any object on
            checksum=None,
            tp=tp,
            generation_id=generation,
        )

    async def perform_seek(self) -> None:
        """Take over what was assigned; each ownership seeks for itself when it is ready, and nothing is read before."""
        assigned = self.assignment()
        partitions = {tp.partition for tp in assigned if tp.topic == self.owners.scans}
        if partitions != {tp.partition for tp in assigned if tp.topic == self.owners.internal}:
            message = f"both inputs of a partition need one owner; assigned: {sorted(map(str, assigned))}"
            raise RuntimeError(message)
        await self.owners.assign(partitions)

    def _new_offset(self, tp: TP) -> int | None:
        """Commit the ledger's own position, as a hint for lag tools; nothing reads it back."""
        self._acked[tp].clear()
        self._acked_index[tp].clear()
        run = self.owners.runs.get(tp.partition)
        following = None if run is None else run.next_offsets
        if following is None:
            return None
        return following[tp.topic == self.owners.internal] or None

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Gaps are the transactions' markers; nothing is to be noted of them."""


class Transport(driver.Transport):
    """The transport with the consumer above."""

    Consumer = Consumer
