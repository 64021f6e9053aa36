"""One request of scans taken: checked, its receipt on disk, its scans on the log, and only then the answer.

Flow: a body -> checked scans -> a receipt on disk -> records on the log, acknowledged -> the receipt as the answer.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, Protocol

from pipeline.broker.deliver import Delivery
from pipeline.capture.codes import CODES, CodeReader
from pipeline.capture.http.answers import Answer, Payload, receipt_of, receipt_told
from pipeline.capture.http.bodies import decompress
from pipeline.capture.http.check import Checked, check
from pipeline.capture.http.encode import encode
from pipeline.capture.http.keys import Key
from pipeline.capture.http.lines import Form, read_lines
from pipeline.capture.http.problems import Refused
from pipeline.capture.http.receipts import Beginning, Begun, Noted, OtherBody, Receipts, Stored
from pipeline.capture.http.room import Held, too_much
from pipeline.capture.http.workshop import Workshop
from pipeline.errors import QueueFull
from pipeline.faults import Fault, never
from pipeline.metrics import Progress, count

PATIENCE_SECONDS: Final = 1.6
"""How long after its body is here a request's scans may take to be acknowledged by Kafka."""
_LEAST_SECONDS: Final = 0.5  # that Kafka has at any rate: a busy process is no broken Kafka
_RETRY_SECONDS: Final = 2
_RUNNING_SECONDS: Final = 1
KAFKA: Final = "kafka"

Clock = Callable[[], float]


class Log(Protocol):
    """Where scans go: `pipeline.broker.deliver.Deliverer`, or a list in tests."""

    def send(self, keys: list[bytes], values: list[bytes], done: Callable[[], None]) -> Delivery:
        """Queue records and call `done` when the last is settled; raises QueueFull."""


@dataclass(frozen=True)
class Posted:
    """A request of scans, as it came."""

    body: bytes
    coding: str
    form: Form
    key: Key
    idempotency_key: str | None
    sent_ms: int | None


@dataclass(frozen=True)
class Read:
    """A request of scans, checked; `size` is its body's as meant, `deadline` by `time.monotonic`."""

    checked: Checked
    payload: Payload
    size: int
    deadline: float


class Intake:
    """Takes requests one after another and several at once."""

    def __init__(
        self,
        log: Log,
        receipts: Receipts,
        progress: Progress,
        *,
        codes: CodeReader = CODES,
        clock: Clock = time.time,
        fault: Fault = never,
    ) -> None:
        self._log, self._receipts, self._progress = log, receipts, progress
        self._codes, self._clock, self._fault = codes, clock, fault
        self._workshop = Workshop()

    async def read(self, posted: Posted, held: Held) -> Read:
        """Check a request.

        Raises: Refused where its body is none.
        """
        received_ms, deadline = int(self._clock() * 1000), time.monotonic() + PATIENCE_SECONDS
        content = await self._content(posted, held)

        def work() -> Read:
            payload = Payload(hashlib.sha256(content).hexdigest(), received_ms, posted.sent_ms)
            lines = read_lines(content, posted.form)
            checked = check(lines, posted.key, received_ms, self._codes)
            return Read(checked, payload, len(content), deadline)

        return await self._workshop.run(len(content), work)

    async def begin(self, posted: Posted, read: Read) -> Begun | Stored:
        """Note a request; Stored is the receipt of its first time.

        Raises: Refused: 409 where that is still at work, 422 where it had another body; ReceiptsUnusable.
        """
        status = None if len(read.checked) else HTTPStatus.UNPROCESSABLE_ENTITY.value
        answer = receipt_of(read.checked, read.payload)
        noted = Noted(posted.key.id, posted.idempotency_key, read.payload.sha256, answer, status)
        return _may_go_on(await asyncio.wrap_future(self._receipts.begin(noted)))

    async def send(self, read: Read, begun: Begun) -> None:
        """Put a request's scans on the log; return when Kafka has all of them.

        Raises: Refused: 503 where it has not in time, 429 where too much is on its way already. Some may be on the log
            all the same: the request's repeat completes it.
        """
        is_done = False
        try:
            await self._deliver(read, begun)
            is_done = True
        finally:
            if is_done:
                self._receipts.finish(begun.id, HTTPStatus.ACCEPTED)
            else:
                self._receipts.give_up(begun.id)

    def count(self, read: Read) -> None:
        """Count a request's scans."""
        count("scanledger_capture_scans_total", len(read.checked), result="queued")
        count("scanledger_capture_scans_total", read.checked.scans - len(read.checked), result="malformed")
        if read.payload.is_skewed:
            count("scanledger_capture_skewed_scans_total", len(read.checked))

    def close(self) -> None:
        """Finish what is at work."""
        self._workshop.close()

    async def _content(self, posted: Posted, held: Held) -> bytes:
        if not posted.coding:
            return posted.body
        return await self._workshop.unpack(lambda: decompress(posted.body, posted.coding, held))

    async def _deliver(self, read: Read, begun: Begun) -> None:
        self._fault("capture.between_receipt_and_send")
        settled = asyncio.Event()
        tell = _from_a_thread(settled)

        def work() -> Delivery:
            encoded = encode(read.checked, begun.id)
            return self._log.send(encoded.keys, encoded.values, tell)

        try:
            delivery = await self._workshop.run(read.size, work)
            async with asyncio.timeout(max(_LEAST_SECONDS, read.deadline - time.monotonic())):
                await settled.wait()
        except QueueFull as error:
            raise too_much(str(error)) from None
        except TimeoutError:
            raise self._down(begun, "it has not acknowledged them in time") from None
        if delivery.refused:
            raise self._down(begun, delivery.refused)
        self._progress.moved(KAFKA)
        self._fault("capture.between_send_and_answer")

    def _down(self, begun: Begun, why: str) -> Refused:
        self._progress.trouble(KAFKA, why)
        detail = f"Kafka did not take the scans: {why}. Send the same request again; nothing takes effect twice."
        return Refused(503, "KAFKA_DOWN", detail, retry_after=_RETRY_SECONDS, more={"receipt": begun.id})


def _from_a_thread(event: asyncio.Event) -> Callable[[], None]:
    """Return what sets an event from another thread; nothing happens once nobody can wait any more."""
    loop = asyncio.get_running_loop()

    def tell() -> None:
        with suppress(RuntimeError):  # the loop has ended, and who waited with it
            loop.call_soon_threadsafe(event.set)

    return tell


def _may_go_on(beginning: Beginning) -> Begun | Stored:
    if isinstance(beginning, Begun | Stored):
        return beginning
    if isinstance(beginning, OtherBody):
        detail = "This Idempotency-Key was used with another body within 24 h: choose another key, or send that body."
        raise Refused(422, "OTHER_BODY", detail)
    detail = "The first request with this Idempotency-Key is still at work: come again for its receipt."
    raise Refused(409, "STILL_RUNNING", detail, retry_after=_RUNNING_SECONDS)


def answer_of(begun: Begun | Stored, read: Read) -> tuple[int, Answer]:
    """Return the status and the receipt of a request: the first one's, where it is a repeat."""
    if isinstance(begun, Stored):
        return begun.status or HTTPStatus.ACCEPTED, receipt_told(begun.id, begun.created_ms, begun.answer)
    status = HTTPStatus.ACCEPTED if len(read.checked) else HTTPStatus.UNPROCESSABLE_ENTITY
    return status, receipt_told(begun.id, begun.created_ms, receipt_of(read.checked, read.payload))
