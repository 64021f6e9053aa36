"""Rounds of scheduled questions: what they find is sent, and noted once the log has it.

Flow: a question that is due -> records of `internal`, acknowledged -> what was stated, as rows.
"""

import logging
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from analytics.findings import AUTHOR, Scheduled, Stated, Watch, schedule
from pipeline.broker.send import Sender
from pipeline.errors import ScanledgerError
from pipeline.metrics import Progress, count
from pipeline.settings import Settings
from pipeline.wire.finding import finding_record

_TURN_SECONDS: Final = 0.25
_LOG = logging.getLogger("pipeline.findings")
Row = dict[str, Any]


class Look:
    """Asks, sends and notes."""

    def __init__(self, settings: Settings, watch: Watch) -> None:
        self._settings, self.watch = settings, watch

    def at(self, scheduled: Scheduled, now_ms: int) -> list[Row]:
        """Ask one question as of now; return what was stated.

        Raises:
            WarehouseDown, WarehouseRefused: the question has no answer.
            BrokerUnreachable, NotDelivered: the log has not all of it; what it has is stated again the next time.
        """
        stated = self.watch.look(scheduled, now_ms)
        if scheduled.kind in self.watch.cut:
            _LOG.warning("%s: %s", scheduled.kind, self.watch.cut[scheduled.kind])
        if stated:
            try:
                self._send(stated, now_ms)
            except ScanledgerError:
                self.watch.forget(scheduled.kind)  # the log may have some of it: what holds is read anew
                raise
            self.watch.note(stated)
        return [_row(one) for one in stated]

    def _send(self, stated: list[Stated], now_ms: int) -> None:
        pairs = [finding_record(finding, evidence, AUTHOR, now_ms) for finding, evidence in stated]
        sender = Sender(self._settings, "internal")
        sender.send([key for key, _ in pairs], [value for _, value in pairs])
        sender.finish()


def look_until(stop: threading.Event, look: Look, progress: Progress) -> None:
    """Ask whatever is due until told to stop; a question that fails is asked again at its next turn.

    Questions of each interval have a thread of their own: those of an hour take longer than those of a minute can wait.
    All of one kind are asked, sent and noted by one thread, so the statements of a finding keep their order.
    """
    rounds = Rounds(stop, look, progress)
    first, *others = sorted({one.every_seconds for one in schedule()})
    with ThreadPoolExecutor(max(1, len(others)), thread_name_prefix="questions") as threads:
        running = [threads.submit(rounds.run, every_seconds) for every_seconds in others]
        rounds.run(first)
    for one in running:
        one.result()


class Rounds:
    """The rounds of questions of any interval, each on a thread of its own."""

    def __init__(self, stop: threading.Event, look: Look, progress: Progress) -> None:
        self._stop, self._look, self._progress = stop, look, progress
        self._failed: Counter[str] = Counter()
        """By kind, how often a question has failed for a reason that nobody foresaw."""

    def run(self, every_seconds: float) -> None:
        """Ask the questions of an interval until told to stop; whatever ends this ends the others."""
        try:
            while not self._stop.is_set():
                for scheduled in self._look.watch.due(time.monotonic(), every_seconds):
                    self._ask(scheduled)
                self._progress.moved(f"questions of every {every_seconds:.0f} s")
                self._stop.wait(_TURN_SECONDS)
        finally:
            self._stop.set()

    def _ask(self, scheduled: Scheduled) -> None:
        """Ask a question; one that is well is watched no more until it fails: it may be due in an hour."""
        kind = scheduled.kind
        try:
            for row in self._look.at(scheduled, time.time_ns() // 1_000_000):
                _LOG.info("%s of %s %s", row["kind"], row["subject"], "holds" if row["holds"] else "holds no more")
            self._progress.forget(kind)
        except ScanledgerError as error:
            _LOG.warning("%s is asked again in %.0f s: %s", kind, scheduled.every_seconds, error)
            self._progress.trouble(kind, str(error))
        except Exception as error:
            self._failed[kind] += 1
            count("scanledger_findings_errors_total", where=kind)
            _LOG.exception("%s is asked again in %.0f s", kind, scheduled.every_seconds)
            why = f"{type(error).__name__}: {error}"
            self._progress.trouble(kind, f"{why}; failed so {self._failed[kind]} times, the log says where")


def _row(stated: Stated) -> Row:
    finding, evidence = stated
    named = {"kind": finding.kind, "subject": finding.subject, "name": finding.window.name, "holds": finding.holds}
    return named | {"evidence": ", ".join(f"{name} {value}" for name, value in evidence.items())}
