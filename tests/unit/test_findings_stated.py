"""Rounds of scheduled questions: one that fails turns the part red and is asked again, the others go on."""

import threading
from collections.abc import Callable
from typing import Any, cast

import pytest

from analytics.findings import Scheduled, Stated, Watch, changed, schedule
from jobs.findings_stated import Look, look_until
from pipeline.domain.finding import Finding
from pipeline.errors import WarehouseDown
from pipeline.metrics import Health, Progress
from tests.oracle.findings import a_finding

GOOD = Scheduled("SILENT_SITE", "good", 60, 0, {})
BAD = Scheduled("OVERDUE_TRANSIT", "bad", 60, 0, {})
SLOW = Scheduled("LOT_WARNING", "slow", 3600, 0, {})


class Looks:
    """A watch that has everything due in each of its turns, and a look at it that fails as it is told."""

    def __init__(self, turns: int, stop: threading.Event, fails: Callable[[int], Exception | None]) -> None:
        self.asked: list[str] = []
        self.health: list[Health] = []
        self.progress = Progress(60)
        self.watch = self
        self._turns, self._stop, self._fails = turns, stop, fails

    def due(self, _: float, every_seconds: float) -> list[Scheduled]:
        if every_seconds != GOOD.every_seconds:
            return []
        if self.asked:
            self.health.append(self.progress.health())
        self._turns -= 1
        if self._turns < 0:
            self._stop.set()
            return []
        return [BAD, GOOD]

    def at(self, scheduled: Scheduled, _: int) -> list[dict[str, Any]]:
        self.asked.append(scheduled.question)
        if scheduled is BAD and (error := self._fails(len(self.asked))):
            raise error
        return []


@pytest.mark.parametrize("error", [WarehouseDown("bad"), ValueError("bad answer")])
def test_a_question_that_fails_is_asked_again_and_keeps_no_other_from_being_asked(error: Exception) -> None:
    stop = threading.Event()
    looks = Looks(2, stop, lambda asked: error if asked < 3 else None)
    look_until(stop, cast("Look", looks), looks.progress)
    assert looks.asked == ["bad", "good", "bad", "good"]
    assert [one.ok for one in looks.health] == [False, True]


def test_an_answer_that_nobody_foresaw_is_told_with_what_failed_how_often_and_its_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stop = threading.Event()
    looks = Looks(2, stop, lambda _: ValueError("no such state"))
    look_until(stop, cast("Look", looks), looks.progress)
    assert looks.health[-1].reasons == [
        "OVERDUE_TRANSIT: ValueError: no such state; failed so 2 times, the log says where"
    ]
    assert [record.exc_info is not None for record in caplog.records] == [True, True]


def test_a_question_of_an_hour_that_is_well_is_not_missed_until_it_is_due_again() -> None:
    seconds = [0.0]
    progress = Progress(900, lambda: seconds[0])
    stop = threading.Event()
    looks = Looks(1, stop, lambda _: None)
    look_until(stop, cast("Look", looks), progress)
    seconds[0] = 1_000.0
    for name in progress.health().facts["watched"]:
        assert name.startswith("questions of every")
        progress.moved(name)
    assert progress.health().ok


class SlowLooks:
    """A watch whose questions of an hour take until one of a minute was asked three times."""

    def __init__(self, stop: threading.Event) -> None:
        self.asked: list[str] = []
        self.watch = self
        self._stop, self._enough = stop, threading.Event()

    def due(self, _: float, every_seconds: float) -> list[Scheduled]:
        return [SLOW if every_seconds == SLOW.every_seconds else GOOD]

    def at(self, scheduled: Scheduled, _: int) -> list[dict[str, Any]]:
        if scheduled is SLOW:
            assert self._enough.wait(30)
            self._stop.set()
        self.asked.append(scheduled.question)
        if self.asked.count("good") == 3:
            self._enough.set()
        return []


def test_a_question_of_an_hour_that_takes_long_keeps_none_of_a_minute_waiting() -> None:
    stop = threading.Event()
    looks = SlowLooks(stop)
    look_until(stop, cast("Look", looks), Progress(60))
    assert looks.asked[:3] == ["good"] * 3
    assert "slow" in looks.asked


def test_what_ends_the_rounds_of_one_interval_ends_all_and_is_not_swallowed() -> None:
    class Broken(SlowLooks):
        def due(self, _: float, every_seconds: float) -> list[Scheduled]:
            if every_seconds == SLOW.every_seconds:
                raise KeyError(every_seconds)
            return []

    stop = threading.Event()
    with pytest.raises(KeyError):
        look_until(stop, cast("Look", Broken(stop)), Progress(60))
    assert stop.is_set()


def test_each_interval_has_questions_of_its_own() -> None:
    watch = Watch(cast("Any", None))
    kinds = [{one.kind for one in watch.due(0.0, every)} for every in (60, 3600)]
    assert not kinds[0] & kinds[1]
    assert kinds[0] | kinds[1] == {one.kind for one in schedule()}
    assert watch.due(30.0, 60) == []
    assert {one.kind for one in watch.due(60.0, 60)} == kinds[0]


def by_id(*findings: Finding) -> dict[str, Finding]:
    return {finding.id: finding for finding in findings}


def test_only_what_is_new_or_no_more_is_stated() -> None:
    old, kept, new, long_ago = (a_finding(minute=minute) for minute in (5, 6, 7, 1))
    now = {finding.id: Stated(finding, {}) for finding in (kept, new)}
    begins_ms = a_finding(minute=3).window.begin
    stated = changed(now, by_id(old, kept, long_ago), lambda finding: finding.window.begin >= begins_ms)
    assert [(one.finding.id, one.finding.holds) for one in stated] == [(new.id, True), (old.id, False)]


def test_what_was_not_noted_is_due_again_only_after_its_interval() -> None:
    watch = Watch(cast("Any", None))
    first = watch.due(0.0)
    assert watch.due(1.0) == []
    assert watch.due(max(one.every_seconds for one in first)) == first


def test_new_answers_are_asked_for_besides_those_that_hold_up_to_so_many() -> None:
    late = Scheduled("OVERDUE_TRANSIT", "late", 60, 0, {}, most=10, most_standing=25)
    assert [late.limit(standing) for standing in (0, 10, 20, 25, 30)] == [10, 20, 25, 25, 30]


def test_what_scans_taken_out_of_clickhouse_were_judged_by_is_not_looked_at_again() -> None:
    hour_ms, day_ms = 3_600_000, 86_400_000
    surge = Scheduled("REJECTION_SURGE", "surge", 60, 24, {}, reads_scans=True, reads_before_days=29)
    assert surge.begins_ms(100 * day_ms + 1) == 99 * day_ms
    assert surge.begins_ms(100 * day_ms, 70 * day_ms) == 99 * day_ms
    assert surge.begins_ms(100 * day_ms, 70 * day_ms + hour_ms) == 99 * day_ms + hour_ms
    assert GOOD.begins_ms(100 * day_ms, 70 * day_ms) == 0
