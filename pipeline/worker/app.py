"""The worker process: a Faust app with one agent on both inputs, and the partitions it owns.

Flow: Faust assigns partitions and delivers batches -> Partitions -> one PartitionRun each.
"""

import asyncio
import contextlib
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import faust
from aiokafka.errors import KafkaError
from faust.types import TP

from pipeline.broker.admin import check_topics
from pipeline.broker.membership import owner_of
from pipeline.broker.registry import join
from pipeline.broker.topics import Topics
from pipeline.faults import Fault
from pipeline.ledger.warm import warm_up
from pipeline.metrics import Progress, forget, gauge, serve
from pipeline.settings import Settings
from pipeline.worker.credentials import credentials
from pipeline.worker.fetch import fetch_columns
from pipeline.worker.memory import keep_large_blocks
from pipeline.worker.partition import PartitionRun
from pipeline.worker.store import claim
from pipeline.worker.takeover import Means
from pipeline.worker.transport import FETCH_BYTES, Transport
from pipeline.worker.turns import Delivery

_LOG = logging.getLogger("pipeline.worker")
_THREADS = 64
_LIMIT_SECONDS = 30.0
_LAG_SECONDS = 1.0
_COMPILED_CODE = "compiled code"


class BatchSchema(faust.Schema[Any, Any]):
    """Hands the transport's delivery on as it is."""

    def loads_key(self, app: Any, message: Any, **_: Any) -> Any:  # noqa: ANN401  faust's signature
        """Return the key as it is."""
        return message.key

    def loads_value(self, app: Any, message: Any, **_: Any) -> Any:  # noqa: ANN401
        """Return the delivery as it is."""
        return message.value


class App(faust.App):
    """Faust with the batch transport."""

    owners: "Partitions"

    def _new_transport(self) -> Transport:
        return Transport(self.conf.broker_consumer, self)

    def _new_consumer(self) -> Any:  # noqa: ANN401  faust's own
        consumer: Any = super()._new_consumer()
        consumer.owners = self.owners
        return consumer


class Partitions(faust.Service):
    """The ownerships of this worker: as many as partitions are assigned, each from take-over to the last batch."""

    def __init__(self, means: Means, app: App, progress: Progress) -> None:
        super().__init__()
        topics = Topics.load(means.settings.topic_prefix)
        self.scans, self.internal = topics.name("scans"), topics.name("internal")
        self.runs: dict[int, PartitionRun] = {}
        self._means, self._app, self._progress = means, app, progress
        self._ownerships: dict[int, asyncio.Task[None]] = {}
        """The newest of each partition, also of those just lost until they have let go."""
        self._executor = ThreadPoolExecutor(_THREADS, thread_name_prefix="partition")

    async def assign(self, partitions: set[int]) -> None:
        """Own exactly these partitions: the former ownerships finish their batch, then each is taken over afresh."""
        for run in self.runs.values():
            run.stop()
        for lost in set(self.runs) - partitions:
            for topic in (self.scans, self.internal):
                with contextlib.suppress(KeyError):
                    forget("scanledger_worker_lag_records", topic=topic, partition=lost)
        self.runs = {p: PartitionRun(self._means, p, self, self._executor, self._progress) for p in partitions}
        for partition, run in self.runs.items():
            self._ownerships[partition] = asyncio.create_task(run.run(self._ownerships.get(partition)))
        gauge("scanledger_worker_partitions", len(partitions))

    async def release(self) -> None:
        """Stop every ownership; returns when each has finished its batch and let go."""
        for run in self.runs.values():
            run.stop(is_last=True)
        if self._ownerships:
            await asyncio.wait(self._ownerships.values())
        self.runs = {}

    async def on_stop(self) -> None:
        """Leave nothing half done."""
        await self.release()
        self._executor.shutdown()

    async def seek(self, partition: int, scans_next: int, internal_next: int) -> None:
        """Read both inputs of the partition from these offsets on."""
        consumer = self._app.consumer
        await consumer.seek(TP(self.scans, partition), scans_next)
        await consumer.seek(TP(self.internal, partition), internal_next)

    async def is_ours(self, partition: int) -> bool:
        """Whether the group says that the partition is this member's."""
        loop, group = asyncio.get_running_loop(), self._app.conf.id
        owner = await loop.run_in_executor(self._executor, owner_of, self._means.settings, group, self.scans, partition)
        consumer: Any = self._app.consumer
        return owner is not None and owner == consumer.member_id

    @faust.Service.task
    async def _watch_lag(self) -> None:
        """Publish the lag of each partition; one without lag, all told, is making progress by waiting."""
        while not self.should_stop:
            await self.sleep(_LAG_SECONDS)
            for partition, run in list(self.runs.items()):
                lags = [await self._lag(run, topic) for topic in (self.scans, self.internal)]
                for topic, lag in zip((self.scans, self.internal), lags, strict=True):
                    if lag is not None:
                        gauge("scanledger_worker_lag_records", lag, topic=topic, partition=partition)
                if run.is_ready and run.is_told and lags == [0, 0]:
                    self._progress.idle(f"partition {partition}")

    async def _lag(self, run: PartitionRun, topic: str) -> int | None:
        """Return how many offsets of an input are ahead of the ledger, None where that is not known.

        Where all that was fetched has been taken, the consumer's own position counts: it has passed the markers that
        transactions leave at the end of a log, which no record ever does.
        """
        tp = TP(topic, run.partition)
        consumer: Any = self._app.consumer
        following = run.next_offsets
        try:
            end = consumer.highwater(tp)
        except AssertionError:  # aiokafka's word for: its own thread has just lost the partition
            return None
        if following is None or end is None:
            return None
        passed = following[topic == self.internal]
        if not run.waiting:
            with contextlib.suppress(TimeoutError, KafkaError):
                passed = max(passed, await asyncio.wait_for(consumer.position(tp), _LAG_SECONDS) or 0)
        return max(1 if run.waiting else 0, int(end) - passed)


def make_app(settings: Settings, fault: Fault, progress: Progress) -> App:
    """Build the Faust app; nothing is connected yet but the check of the topics.

    Raises:
        TopicsWrong: topics are missing or differ from the index.
        BrokerUnreachable: Kafka does not answer.
    """
    partitions = check_topics(settings)
    fetch_columns(settings.batch_records)
    hosts = ";".join(f"kafka://{host}" for host in settings.kafka_bootstrap.split(","))
    topics = Topics.load(settings.topic_prefix)
    app = App(
        f"{settings.app}-{topics.name('scans')}",
        broker=hosts,
        store="memory://",
        datadir=str(settings.store_folder / "faust"),
        web_enabled=False,
        topic_partitions=partitions,
        topic_disable_leader=True,
        topic_allow_declare=False,
        table_standby_replicas=1,  # keeps Faust's assignor, which gives both inputs of a partition to one worker
        stream_buffer_maxsize=4,
        stream_wait_empty=False,
        broker_max_poll_records=1,  # Batches, each of about settings.batch_records
        broker_session_timeout=settings.session_timeout_seconds,
        broker_heartbeat_interval=max(0.5, settings.session_timeout_seconds / 10),
        broker_request_timeout=max(90.0, settings.session_timeout_seconds * 2),
        broker_rebalance_timeout=60.0,
        consumer_max_fetch_size=FETCH_BYTES,
        consumer_auto_offset_reset="none",
        **credentials(settings),
    )
    owners = Partitions(Means(settings, partitions, fault), app, progress)
    app.owners = owners
    inputs = app.topic(owners.scans, owners.internal, schema=BatchSchema())

    @app.agent(inputs, name="enforce")
    async def enforce(stream: Any) -> None:  # noqa: ANN401  faust's stream
        async for delivery in stream:
            _hand_over(delivery)

    return app


def _hand_over(delivery: Delivery) -> None:
    """Queue a delivery with the ownership it was fetched for, which drops it if it has ended."""
    delivery.run.deliver(delivery)


def run_worker(settings: Settings, fault: Fault) -> None:
    """Run the worker until SIGTERM or Ctrl-C; batches at hand are finished first.

    Raises:
        TopicsWrong: topics are missing or differ from the index.
        BrokerUnreachable: Kafka does not answer.
        RegistryUnreachable: a schema registry is named and does not answer.
        PortInUse: the health port is taken.
    """
    keep_large_blocks()
    join(settings)
    progress = Progress(_LIMIT_SECONDS)
    claimed = claim(settings.store_folder)
    app = make_app(settings, fault, progress)
    progress.trouble(_COMPILED_CODE, "is being made ready; the first time on a machine this takes up to a minute")
    server = serve(settings.health_port, progress.health, settings.health_host) if settings.health_port else None
    try:
        # Before the group is joined: a batch that waited for the compiler would look like a worker that hangs.
        _LOG.info("compiled code made ready in %.1f s", warm_up())
        progress.forget(_COMPILED_CODE)
        # INFO, because below it Faust shows a spinner that sets the root logger to DEBUG: 13 % of the time.
        worker = faust.Worker(app, app.owners, loglevel="INFO", override_logging=False, quiet=True, console_port=0)
        worker.spinner = None
        worker.execute_from_commandline()
    except SystemExit as done:
        if done.code:
            raise
    finally:
        if server is not None:
            server.close()
        claimed.close()
        _LOG.info("stopped at %s", time.strftime("%H:%M:%S"))
