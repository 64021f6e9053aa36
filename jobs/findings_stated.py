"""Rounds of scheduled questions: what they find is sent, and noted once the log has it.

Flow: a question that is due -> records of `internal`, acknowledged -> what was stated, as rows.
"""

import logging
import threading
import time
from typing import Any, Final

from analytics.findings import AUTHOR, Scheduled, Stated, Watch
from pipeline.broker.send import Sender
from pipeline.errors import ScanledgerError
from pipeline.metrics import Progress
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
        if stated:
            self._send(stated, now_ms)
            self.watch.note(stated)
        return [_row(one) for one in stated]

    def _send(self, stated: list[Stated], now_ms: int) -> None:
        pairs = [finding_record(finding, evidence, AUTHOR, now_ms) for finding, evidence in stated]
        sender = Sender(self._settings, "internal")
        sender.send([key for key, _ in pairs], [value for _, value in pairs])
        sender.finish()


def look_until(stop: threading.Event, look: Look, progress: Progress) -> None:
    """Ask whatever is due until told to stop; a question that fails is asked again at its next turn."""
    while not stop.is_set():
        for scheduled in look.watch.due(time.monotonic()):
            _look(look, scheduled, progress)
        progress.moved("loop")
        stop.wait(_TURN_SECONDS)


def _look(look: Look, scheduled: Scheduled, progress: Progress) -> None:
    try:
        for row in look.at(scheduled, time.time_ns() // 1_000_000):
            _LOG.info("%s of %s %s", row["kind"], row["subject"], "holds" if row["holds"] else "holds no more")
        progress.moved(scheduled.kind)
    except ScanledgerError as error:
        _LOG.warning("%s is asked again in %.0f s: %s", scheduled.kind, scheduled.every_seconds, error)
        progress.trouble(scheduled.kind, str(error))


def _row(stated: Stated) -> Row:
    finding, evidence = stated
    named = {"kind": finding.kind, "subject": finding.subject, "name": finding.window.name, "holds": finding.holds}
    return named | {"evidence": ", ".join(f"{name} {value}" for name, value in evidence.items())}
