"""Rounds of scheduled questions: one that fails turns the part red and is asked again, the others go on."""

import threading
from collections.abc import Callable
from typing import Any, cast

from analytics.findings import Scheduled, Stated, Watch, changed
from jobs.findings_stated import Look, look_until
from pipeline.domain.finding import Finding
from pipeline.errors import WarehouseDown
from pipeline.metrics import Progress
from tests.oracle.findings import a_finding

GOOD = Scheduled("SILENT_SITE", "good", 60, 0, {})
BAD = Scheduled("OVERDUE_TRANSIT", "bad", 60, 0, {})


class Rounds:
    """A watch that has everything due in each of its turns, and a look at it that fails as it is told."""

    def __init__(self, turns: int, stop: threading.Event, fails: Callable[[int], bool]) -> None:
        self.asked: list[str] = []
        self.health: list[bool] = []
        self.progress = Progress(60)
        self.watch = self
        self._turns, self._stop, self._fails = turns, stop, fails

    def due(self, _: float) -> list[Scheduled]:
        if self.asked:
            self.health.append(self.progress.health().ok)
        self._turns -= 1
        if self._turns < 0:
            self._stop.set()
            return []
        return [BAD, GOOD]

    def at(self, scheduled: Scheduled, _: int) -> list[dict[str, Any]]:
        self.asked.append(scheduled.question)
        if scheduled is BAD and self._fails(len(self.asked)):
            raise WarehouseDown(scheduled.question)
        return []


def test_a_question_that_fails_is_asked_again_and_keeps_no_other_from_being_asked() -> None:
    stop = threading.Event()
    rounds = Rounds(2, stop, lambda asked: asked < 3)
    look_until(stop, cast("Look", rounds), rounds.progress)
    assert rounds.asked == ["bad", "good", "bad", "good"]
    assert rounds.health == [False, True]


def by_id(*findings: Finding) -> dict[str, Finding]:
    return {finding.id: finding for finding in findings}


def test_only_what_is_new_or_no_more_is_stated() -> None:
    old, kept, new, long_ago = (a_finding(minute=minute) for minute in (5, 6, 7, 1))
    now = {finding.id: Stated(finding, {}) for finding in (kept, new)}
    stated = changed(now, by_id(old, kept, long_ago), begins_ms=a_finding(minute=3).window.begin)
    assert [(one.finding.id, one.finding.holds) for one in stated] == [(new.id, True), (old.id, False)]


def test_what_was_not_noted_is_due_again_only_after_its_interval() -> None:
    watch = Watch(cast("Any", None))
    first = watch.due(0.0)
    assert watch.due(1.0) == []
    assert watch.due(max(one.every_seconds for one in first)) == first


def test_where_answers_are_cut_off_none_that_is_missing_is_taken_back() -> None:
    few, cut = (Scheduled("OVERDUE_TRANSIT", "late", 60, 0, {"most": most}) for most in (3, 2))
    assert (few.is_cut(2), few.is_cut(3), cut.is_cut(2), GOOD.is_cut(1_000_000)) == (False, True, True, False)
