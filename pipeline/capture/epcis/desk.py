"""Where documents that come over HTTP are captured: judged, noted as a job, kept and sent, and only then answered.

Flow: a body -> events and scans, or faults -> a job on disk -> records on their topics, acknowledged -> its result.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, Final, Protocol, TypeVar

from pipeline.broker.deliver import Deliverer, Delivery
from pipeline.capture.epcis.captures import Captures, Job, Result, error_of
from pipeline.capture.epcis.declared import declared_in, left_out
from pipeline.capture.epcis.faults import limited
from pipeline.capture.epcis.judge import Judged
from pipeline.capture.epcis.kept import originals_in
from pipeline.capture.epcis.not_read import not_read_reports
from pipeline.capture.epcis.prepare import Behaviour, Prepared, Sender, prepare
from pipeline.capture.epcis.records import Records
from pipeline.capture.epcis.scans import ScanMaker
from pipeline.capture.epcis.site_codes import SiteCodes, read_site_codes
from pipeline.capture.epcis.steps import Steps
from pipeline.capture.epcis.things import Things
from pipeline.capture.http.keys import Key
from pipeline.capture.http.problems import Refused
from pipeline.capture.http.room import Room
from pipeline.errors import NotDelivered, QueueFull, WarehouseDown, WarehouseRefused
from pipeline.settings import Settings
from pipeline.warehouse.client import Warehouse, connect

PATIENCE_SECONDS: Final = 30.0
"""How long Kafka may take to acknowledge a chunk."""
_REACH_SECONDS: Final = 1.5
_RETRY_SECONDS: Final = 2
_CHUNK: Final = 20_000
_ROOM_BYTES: Final = 256 * 1024 * 1024
_MOST_REQUESTS: Final = 32
_SOURCE: Final = "epcis"
CLICKHOUSE, _KAFKA, _TOO_MUCH = "CLICKHOUSE_DOWN", "KAFKA_DOWN", "TOO_MUCH_AT_ONCE"

Work = TypeVar("Work")
_LOG = logging.getLogger("pipeline.capture")


class Log(Protocol):
    """One topic: `pipeline.broker.deliver.Deliverer`, or a list in tests."""

    def send(self, keys: list[bytes], values: list[bytes], done: Callable[[], None]) -> Delivery:
        """Queue records and call `done` when the last is settled; raises QueueFull."""

    def fault(self, seconds: float) -> str:
        """Ask whether the broker is there; return nothing, or why not."""


@dataclass(frozen=True)
class Desk:
    """Everything that a capture or a question may need."""

    settings: Settings
    captures: Captures
    events: Log
    findings: Log
    scans: Log
    warehouse: Callable[[], Warehouse]
    codes: SiteCodes
    steps: Steps
    room: Room
    pool: ThreadPoolExecutor
    """One thread: documents are worked on one after another, off the event loop."""

    async def run(self, work: Callable[[], Work]) -> Work:
        """Do some work off the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self.pool, work)

    async def prepare(self, judged: Judged, key: Key, behaviour: Behaviour) -> Prepared:
        """Return what is to be sent of a document; raises Refused (503) where the sites' codes cannot be read."""
        sender = Sender(_SOURCE, None if key.sites is None else frozenset(key.sites))

        def work() -> Prepared:
            maker = ScanMaker(Things(self.settings.uri_base, self.codes.now()), self.steps, key.only_site)
            return prepare(judged, maker, sender, behaviour)

        try:
            return await self.run(work)
        except (WarehouseDown, WarehouseRefused) as error:
            raise down(CLICKHOUSE, f"The codes of sites cannot be read: {error}") from error

    async def capture(self, prepared: Prepared, key: Key, behaviour: Behaviour) -> str:
        """Keep and send what is prepared, and return the id of its job, which is finished.

        Raises: Refused (503) where Kafka has not all of it in time. Some may be on the log all the same: the document
            sent again completes it, and nothing takes effect twice.
        """
        if prepared.events and (fault := await self.run(lambda: self.scans.fault(_REACH_SECONDS))):
            raise down(_KAFKA, f"Kafka does not answer: {fault}")
        job = await asyncio.wrap_future(self.captures.begin(key.id, behaviour))
        try:
            await self._send(prepared, job)
        except Refused as refused:
            errors = [error_of(refused.status, refused.word, refused.detail)]
            await asyncio.wrap_future(self.captures.finish(job, Result(errors)))
            raise
        await asyncio.wrap_future(self.captures.finish(job, await self.run(partial(_result, prepared))))
        return job

    async def told(self, job: Job) -> dict[str, Any]:
        """Return what a job tells; of declarations what they leave out, as far as their events are kept by now."""
        if not job.declared.listed:
            return job.told
        name, originals = Things(self.settings.uri_base).name, originals_in(self.warehouse)
        return {**job.told, "notDeclared": await self.run(lambda: left_out(job.declared, originals, name))}

    async def _send(self, prepared: Prepared, job: str) -> None:
        captured_ms = int(time.time() * 1000)
        await self._deliver(self.events, await self.run(lambda: prepared.records(job)))
        await self._deliver(self.findings, await self.run(lambda: prepared.finding_records(captured_ms, _SOURCE)))
        await self._deliver(self.scans, await self.run(lambda: prepared.scan_records(captured_ms, _SOURCE, job)))

    async def _deliver(self, log: Log, records: Records) -> None:
        for start in range(0, len(records.keys), _CHUNK):
            chunk = slice(start, start + _CHUNK)
            await _acknowledged(log, records.keys[chunk], records.values[chunk])


@contextmanager
def open_desk(settings: Settings) -> Iterator[Desk]:
    """Open everything for the length of the block; Kafka and ClickHouse need not be there yet.

    Raises: FolderUnusable where the home cannot be written.
    """
    warehouse = cache(partial(_connect, settings))
    captures = Captures(settings.home.expanduser())
    topics = ("epcis_events", "internal", "scans")
    events, findings, scans = logs = [Deliverer(settings, topic, PATIENCE_SECONDS) for topic in topics]
    pool = ThreadPoolExecutor(1, thread_name_prefix="epcis")
    codes = SiteCodes(lambda: read_site_codes(warehouse()))
    room = Room(_ROOM_BYTES, _MOST_REQUESTS)
    try:
        yield Desk(settings, captures, events, findings, scans, warehouse, codes, Steps(), room, pool)
    finally:
        pool.shutdown()
        for log in logs:
            _close(log)
        captures.close()


def _close(log: Deliverer) -> None:
    try:
        log.close()
    except NotDelivered as left:
        _LOG.warning("%s", left)


def down(word: str, why: str) -> Refused:
    """Return the refusal of a request that something missing keeps from being done."""
    return Refused(503, word, f"{why} Come again; nothing takes effect twice.", retry_after=_RETRY_SECONDS)


def _result(prepared: Prepared) -> Result:
    errors = [error_of(400, "INVALID", fault.message, fault.path) for fault in limited(prepared.faults)]
    counts = len(prepared.events), len(prepared.scans), prepared.no_unit
    return Result(errors, *counts, not_read_reports(prepared.not_read), declared_in(prepared.events))


def _connect(settings: Settings) -> Warehouse:
    return connect(
        settings.clickhouse_url,
        user=settings.clickhouse_user,
        password=settings.clickhouse_password.get_secret_value(),
        database=settings.clickhouse_database,
    )


async def _acknowledged(log: Log, keys: list[bytes], values: list[bytes]) -> None:
    """Send a chunk and return when Kafka has all of it; raises Refused (503)."""
    settled, loop = asyncio.Event(), asyncio.get_running_loop()

    def tell() -> None:
        with suppress(RuntimeError):  # the loop has ended, and who waited with it
            loop.call_soon_threadsafe(settled.set)

    try:
        delivery = log.send(keys, values, tell)
        async with asyncio.timeout(PATIENCE_SECONDS):
            await settled.wait()
    except QueueFull as error:
        raise down(_TOO_MUCH, f"{error}.") from None
    except TimeoutError:
        raise down(_KAFKA, "Kafka has not acknowledged all in time.") from None
    if delivery.refused:
        raise down(_KAFKA, f"Kafka did not take all: {delivery.refused}.")
