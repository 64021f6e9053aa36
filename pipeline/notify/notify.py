"""The loop of notify: read what becomes of alerts, decide who is told, tell them, note what came of it.

Flow: committed records of `alerts` in -> deliveries in the outbox, on disk -> Kafka's offsets -> receivers.

Invariants:
- What is to be told is on disk before the offset is committed; where reading goes on is what the outbox says, the
  offset is a hint.
- A delivery is sent until its receiver has answered and the answer is on disk: at least once, always the same id.
- One thread owns the outbox; sending threads see bodies and addresses only.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from pipeline.broker.group import Member, Place, Run
from pipeline.errors import BrokerUnreachable
from pipeline.faults import Fault, never
from pipeline.metrics import Health, Progress, count, gauge, observe
from pipeline.notify.book import Book
from pipeline.notify.deliveries import Delivery
from pipeline.notify.desk import PER_RECIPIENT, Attempt, Desk
from pipeline.notify.event import change_of
from pipeline.notify.outbox import Outbox
from pipeline.settings import Settings
from pipeline.wire.framing import Undecodable
from pipeline.wire.schemas import decode

TOPIC: Final = "alerts"
BACKLOG_MS: Final = 3_600_000
"""An outbox that is new tells of alerts that are no older than this; the older ones it only knows."""
KEPT_MS: Final = 30 * 86_400_000
"""So long alerts that have ended are remembered, as long as the topic keeps its records; their counts always."""
_FETCH_RECORDS: Final = 2_000
_TURN_SECONDS: Final = 0.1
_COUNT_SECONDS: Final = 5.0
_TIDY_SECONDS: Final = 600.0
_MOST_CHANGES: Final = 1_000_000
"""What became of deliveries waits on disk for a ClickHouse that is away, but not without end."""
_SESSION_SECONDS: Final = 6.0
"""After it was killed nobody is told for so long; the least that brokers allow by default."""
_SILENT_SECONDS: Final = 120.0
_LOG = logging.getLogger(__name__)


def now_ms() -> int:
    """Return the clock in milliseconds."""
    return time.time_ns() // 1_000_000


class Notify:
    """One process's work."""

    def __init__(
        self, settings: Settings, book: Book, outbox: Outbox, desk: Desk, *,
        fault: Fault = never, clock: Callable[[], int] = now_ms,
    ) -> None:  # fmt: skip
        """Join the group `app-notify`, with the topic prefix in front."""
        self._outbox, self._book, self._desk, self._fault, self._clock = outbox, book, desk, fault, clock
        self.progress = Progress(_SILENT_SECONDS)
        self._places: dict[Place, int] = {}
        self._unsought: dict[Place, int] = {}
        self._count_at, self._tidy_at = 0.0, 0.0
        group = f"{settings.topic_prefix}{settings.app}-notify"
        soon = min(settings.session_timeout_seconds, _SESSION_SECONDS)
        self._member = Member(settings.model_copy(update={"session_timeout_seconds": soon}), group, (TOPIC,), self)

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop; then wait for what is under way, note it, and leave the group."""
        try:
            with self._outbox.transaction():
                self._book.give_up_unknown(self._clock())
            while not stop.is_set():
                self.turn(_TURN_SECONDS)
        finally:
            left = self._desk.close()
            with self._outbox.transaction():
                self._settle(left)
            self._member.close()

    def turn(self, seconds: float) -> None:
        """Fetch once, waiting so long for records, and do whatever is due.

        Raises:
            OutboxUnusable: nothing can be kept; no offset was committed that the outbox has not.
        """
        runs = self._member.take(_FETCH_RECORDS, seconds)
        elsewhere = self._seek()
        taken = [run for run in runs if run.place in self._places and run.place not in elsewhere]
        with self._outbox.transaction():
            self._settle(self._desk.answers())  # first, so that records meet what has arrived
            for run in taken:
                self._take(run)
            self._book.escalate(self._clock())
            self._book.sum_up(self._clock())
        self._fault("notify.between_outbox_and_offset")
        if taken:
            self._member.commit({run.place: run.offset(len(run.values) - 1) + 1 for run in taken})
        self._send()
        self._tidy()
        self.progress.moved("loop")

    def health(self) -> Health:
        """Return whether alerts are read, and told."""
        found = self.progress.health()
        return Health(found.ok, found.reasons, {"partitions": sorted(place.partition for place in self._places)})

    def gained(self, places: dict[Place, int]) -> None:
        """Own these partitions from now on; each is read from where the outbox says."""
        self._places |= places
        self._unsought |= places

    def lost(self, partitions: set[int]) -> None:
        """Own these no longer."""
        self._places = {at: start for at, start in self._places.items() if at.partition not in partitions}
        self._unsought = {at: start for at, start in self._unsought.items() if at.partition not in partitions}

    def _seek(self) -> set[Place]:
        """Have partitions that are new read from where the outbox left off, if the group thinks they are further.

        Returns those of which what was fetched so far is to be read again.
        """
        elsewhere = set()
        for place, start in list(self._unsought.items()):
            with self._outbox.transaction():
                self._outbox.begin(place.partition, self._clock() - BACKLOG_MS)
            position = self._outbox.position(place.partition)
            assert position is not None
            if position.next < start:
                elsewhere.add(place)
                try:
                    self._member.seek(place, position.next)
                except BrokerUnreachable:
                    continue  # it is not fetched yet: the next turn tries again
            del self._unsought[place]
        return elsewhere

    def _take(self, run: Run) -> None:
        position = self._outbox.position(run.place.partition)
        assert position is not None
        for index, value in enumerate(run.values):
            if run.offset(index) >= position.next:
                self._take_one(value, position.begun_ms, run)
        self._outbox.advance(run.place.partition, max(position.next, run.offset(len(run.values) - 1) + 1))

    def _take_one(self, value: bytes | None, begun_ms: int, run: Run) -> None:
        try:
            name, record = decode(value or b"")
        except Undecodable as wrong:
            count("scanledger_notify_errors_total", where="record")
            _LOG.error("alerts[%d] has a record that cannot be read: %s", run.place.partition, wrong.error)
            return
        if name == "alert":
            self._take_alert(record, begun_ms)

    def _take_alert(self, record: Mapping[str, Any], begun_ms: int) -> None:
        known = self._outbox.known(record["id"])
        change = change_of(_plain(record), known.site if known else "")
        self._book.take(change, self._clock(), is_told=change.received_ms >= begun_ms)
        count("scanledger_notify_changes_total", event=change.event or "acknowledged")

    def _settle(self, attempts: list[Attempt]) -> None:
        for delivery, answer, seconds in attempts:
            self._fault("notify.between_answer_and_outbox")
            at_ms = self._clock()
            outcome = self._book.settle(delivery, answer, at_ms)
            count("scanledger_notify_attempts_total", outcome=outcome)
            observe("scanledger_notify_attempt_seconds", seconds)
            if outcome == "DELIVERED":
                late = max(0, at_ms - delivery.received_ms) / 1000
                observe("scanledger_notify_latency_seconds", late, event=delivery.event)
            else:
                _LOG.warning("%s of %s to %s: %s", outcome, delivery.id, delivery.recipient, answer.detail)

    def _send(self) -> None:
        chosen: list[Delivery] = []
        for recipient, room in self._desk.free.items():
            due = self._book.deliveries.due(recipient, self._clock(), PER_RECIPIENT)
            chosen += [one for one in due if not self._desk.is_under_way(one)][:room]
        if any(one.state == "DEFERRED" for one in chosen):
            with self._outbox.transaction():
                self._book.begin(chosen, self._clock())
        for delivery in chosen:
            self._desk.begin(delivery)

    def _tidy(self) -> None:
        """Now and then say how many deliveries there are, and more seldom drop what ended long ago."""
        now = time.monotonic()
        if now >= self._count_at:
            self._count_at = now + _COUNT_SECONDS
            for state, number in self._book.deliveries.counts().items():
                gauge("scanledger_notify_deliveries", number, state=state)
        if now >= self._tidy_at:
            self._tidy_at = now + _TIDY_SECONDS
            with self._outbox.transaction():
                self._outbox.forget_ended(self._clock() - KEPT_MS)
                dropped = self._outbox.bound_changes(_MOST_CHANGES)
            if dropped:
                _LOG.error("ClickHouse never heard what became of deliveries %d times: too many waited", dropped)


def _plain(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record as JSON holds it."""
    return {name: value for name, value in record.items() if name != "rules_version"}
