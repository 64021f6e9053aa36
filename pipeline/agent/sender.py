"""Lines from the spool to capture: in order, one request at a time, each until it is acknowledged.

Flow: the spool's next lines -> one request -> what the answer means -> the spool's cursor, or a wait.
"""

import time
from collections.abc import Callable
from typing import Final, Protocol

from pipeline.agent.answers import Answer, Later, Meaning, Stopped, Took, TooLarge, meaning_of
from pipeline.agent.batch import Batch, build_batch
from pipeline.agent.pace import Pace
from pipeline.agent.refusals import Refusal
from pipeline.agent.report import Report
from pipeline.agent.spool import Acknowledged, Spool
from pipeline.agent.stamp import moment, now_ms
from pipeline.errors import CaptureUnreachable, SettingsWrong
from pipeline.faults import Fault, never

IDLE_SECONDS: Final = 3600.0
_STOPPED_SECONDS: Final = 300.0
_LOOK_SECONDS: Final = 1.0
_PART: Final = "sending"


class Scans(Protocol):
    """Where scans are sent."""

    def post_scans(self, body: bytes, idempotency_key: str, sent_ms: int) -> Answer:
        """Send NDJSON; raises CaptureUnreachable, SettingsWrong."""


class Sender:
    """Sends what a spool holds."""

    def __init__(
        self,
        spool: Spool,
        capture: Scans,
        report: Report,
        *,
        most_scans: int = 1000,
        key: Callable[[], str] = str,
        pace: Pace | None = None,
        clock: Callable[[], float] = time.monotonic,
        fault: Fault = never,
    ) -> None:
        """Begin where the spool says.

        Args:
            spool: Whose lines.
            capture: Where to.
            report: Told what happens.
            most_scans: Of a new request.
            key: Gives the API key; a new one ends a stop at once.
            pace: Of the tries.
            clock: Seconds.
            fault: For tests.
        """
        self._spool, self._capture, self._report, self._key = spool, capture, report, key
        self._most, self._pace, self._clock, self._fault = most_scans, pace or Pace(), clock, fault
        self._not_before = 0.0
        self.stopped_because = ""
        """Why capture takes nothing from this agent until a person does something; empty where it does."""
        self._refused_key = ""

    def step(self) -> float:
        """Send the next lines, if it is time; return the seconds until there may be something to do, 0 at once.

        Raises: SpoolUnusable.
        """
        if self.stopped_because and self._current_key() != self._refused_key:
            self._not_before = 0.0
        left = self._not_before - self._clock()
        if left > 0:
            return min(left, _LOOK_SECONDS) if self.stopped_because else left
        found = self._spool.unsent(self._most)
        if not found:
            return IDLE_SECONDS
        return self._send(build_batch(found, moment(now_ms())))

    def _send(self, batch: Batch) -> float:
        if not batch.scans:
            self._spool.pass_by(batch.last, batch.refused)
            return 0.0
        self._spool.keep_attempt(batch.last)
        try:
            key = batch.idempotency_key(self._spool.id)
            answer = self._capture.post_scans(batch.body, key, now_ms())
            meaning = meaning_of(answer, len(batch.scans), batch.payload_sha256)
        except CaptureUnreachable as error:
            meaning = Later(None, str(error))
        except SettingsWrong as error:
            meaning = Stopped(str(error))
        self._fault("agent.between_answer_and_cursor")
        return self._act_on(meaning, batch)

    def _act_on(self, meaning: Meaning, batch: Batch) -> float:
        match meaning:
            case Took():
                self._took(meaning, batch)
                return 0.0
            case TooLarge():
                return self._send_less(meaning, batch)
            case Later():
                self._wait(self._pace.failed(meaning.seconds))
                self.stopped_because = ""
                self._report.trouble(_PART, "waiting", meaning.why, ". Lines are kept on disk meanwhile.")
            case Stopped():
                self._wait(_STOPPED_SECONDS)
                self.stopped_because, self._refused_key = meaning.why, self._current_key()
                remark = ". Nothing is sent until that is put right; lines are kept on disk."
                self._report.trouble(_PART, "stopped", meaning.why, remark)
        return self._not_before - self._clock()

    def _took(self, took: Took, batch: Batch) -> None:
        now = now_ms()
        refused = [*batch.refused, *batch.refused_by(took.malformed, took.id, moment(now))]
        acknowledged = Acknowledged(took.id, batch.first, batch.last, now) if took.queued else None
        self._spool.pass_by(batch.last, refused, acknowledged)
        self._pace.succeeded()
        self.stopped_because = ""
        self._report.well(_PART, f"Capture answers; {self._spool.waiting:,} lines wait.")
        self._report.clock(took.clock_ahead_seconds)
        self._report.fact(acknowledged_at=moment(now))

    def _send_less(self, too_large: TooLarge, batch: Batch) -> float:
        if len(batch.scans) > 1:
            self._most = len(batch.scans) // 2
            self._spool.keep_attempt(0)
            return 0.0
        text = batch.scans[0].decode()
        refused = Refusal(batch.numbers[0], "capture", "TOO_LARGE", too_large.why, text, moment(now_ms()))
        self._spool.pass_by(batch.last, [*batch.refused, refused])
        return 0.0

    def _wait(self, seconds: float) -> None:
        self._not_before = self._clock() + seconds

    def _current_key(self) -> str:
        try:
            return self._key()
        except SettingsWrong:
            return ""
