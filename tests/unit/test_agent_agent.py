"""An agent at work: what it does when its source ends, when it is told to end, when its disk is full."""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from pipeline.agent.agent import Agent, Parts, Patience
from pipeline.agent.disk import RealDisk
from pipeline.agent.judge import Judge
from pipeline.agent.lines import Line
from pipeline.agent.pace import Pace
from pipeline.agent.report import Report, read_report
from pipeline.agent.requests import Requests, write_request
from pipeline.agent.sender import Sender
from pipeline.agent.spool import Spool
from pipeline.agent.stamp import Stamp
from pipeline.agent.taken import Taken
from pipeline.errors import CaptureRefused, SourceUnusable, SpoolUnusable
from tests.agent_capture import FakeCapture, away, problem
from tests.agent_disk import MemoryDisk

WAIT_SECONDS = 30


class Reader:
    """A source that gives what a test hands it."""

    name = "the reader"

    def __init__(self, *groups: list[bytes], ends: bool = True, unfinished: int = 0) -> None:
        self._groups, self._ends, self.unfinished = groups, ends, unfinished
        self.given = threading.Event()
        self.breaks = False

    def lines(self, stop: threading.Event) -> Iterator[list[Line]]:
        for group in self._groups:
            yield [Line(text) for text in group]
        self.given.set()
        if self.breaks:
            raise OSError(5, "Input/output error")
        if not self._ends:
            stop.wait(WAIT_SECONDS)


class Working:
    """An agent with a capture and a disk in memory."""

    def __init__(self, folder: Path, reader: Reader, patience: Patience | None = None) -> None:
        self.disk, self.capture = MemoryDisk(), FakeCapture()
        self.said: list[str] = []
        self.told: list[tuple[int, int]] = []
        self.spool = Spool(self.disk, folder)
        self.report = Report(folder, self.said.append)
        quick = Pace(lambda: -1.0)  # no wait at all
        self.sender = Sender(self.spool, self.capture, self.report, most_scans=3, pace=quick)
        judge = Judge(self.spool, self.capture, self.report, pace=quick)
        self.hung_up = threading.Event()
        parts = Parts(
            self.spool, Stamp({}), self.sender, judge, Requests(self.spool, self.report), self.report, self.hung_up.set
        )
        self.agent = Agent(parts, reader, self._acknowledge, patience or Patience())
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run)

    def _acknowledge(self, last: int, lines: Sequence[Taken]) -> None:
        self.told.append((last, len(lines)))

    def _run(self) -> None:
        try:
            self.agent.run()
        except BaseException as error:  # told to the test
            self._error = error

    def __enter__(self) -> "Working":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.agent.stop()
        self.end()

    def end(self) -> BaseException | None:
        self._thread.join(WAIT_SECONDS)
        assert not self._thread.is_alive()
        return self._error

    @property
    def codes(self) -> list[str]:
        return [scan["code"] for scan in self.capture.queued]


def until(is_so: Callable[[], bool]) -> None:
    ticks = threading.Event()
    for _ in range(WAIT_SECONDS * 50):
        if is_so():
            return
        ticks.wait(0.02)
    raise AssertionError


def test_when_the_source_ends_all_is_sent_and_judged_and_the_agent_ends(tmp_path: Path) -> None:
    working = Working(tmp_path, Reader([b"one", b"two"], [b"ahead"]))
    with working:
        assert working.end() is None
    assert working.codes == ["one", "two", "ahead"]
    assert working.told == [(2, 2), (3, 1)]
    assert working.spool.unjudged() is None
    assert [one.reason for _, one in working.spool.refusals.find(None, "")] == ["FUTURE_TIME"]


def test_while_capture_is_away_lines_are_taken_and_sent_when_it_is_back(tmp_path: Path) -> None:
    working = Working(tmp_path, Reader([b"one"], [b"two"], [b"three"]))
    working.capture.moods = [away] * 5
    with working:
        assert working.end() is None
    assert working.codes == ["one", "two", "three"]
    assert len(working.told) == 3


def test_with_once_an_agent_gives_up_when_its_patience_is_over_and_keeps_the_lines(tmp_path: Path) -> None:
    working = Working(tmp_path, Reader([b"one"]), Patience(0.3, 0.3))
    working.capture.moods = [away] * 1_000_000
    with working:
        assert working.end() is None
    assert working.spool.waiting == 1


def test_verdicts_that_do_not_come_are_waited_for_no_longer_than_patience_says(tmp_path: Path) -> None:
    working = Working(tmp_path, Reader([b"one"]), Patience(None, 0.3))
    working.capture.is_behind = True
    with working:
        assert working.end() is None
    assert working.spool.unjudged() is not None


def test_a_refused_key_ends_an_agent_that_has_no_more_lines_to_take(tmp_path: Path) -> None:
    working = Working(tmp_path, Reader([b"one"]))
    working.capture.moods = [lambda: problem(401, "KEY_UNKNOWN")]
    with working:
        error = working.end()
    assert isinstance(error, CaptureRefused)
    assert str(error) == "401: KEY_UNKNOWN: It is KEY_UNKNOWN"
    assert working.spool.waiting == 1


def test_a_refused_key_ends_no_agent_whose_reader_still_reads(tmp_path: Path) -> None:
    working = Working(tmp_path, Reader([b"one"], [b"two"], ends=False))
    working.capture.moods = [lambda: problem(401, "KEY_UNKNOWN")]
    with working:
        until(lambda: len(working.told) == 2 and bool(working.sender.stopped_because))
        working.agent.stop()
        assert working.end() is None
    assert working.spool.waiting == 2


def test_told_to_end_an_agent_keeps_what_it_read_and_says_what_it_had_not_read_whole(tmp_path: Path) -> None:
    reader = Reader([b"one"], ends=False, unfinished=4)
    working = Working(tmp_path, reader)
    working.capture.moods = [away] * 1_000_000
    with working:
        assert reader.given.wait(WAIT_SECONDS)
        working.agent.stop()
        assert working.end() is None
    assert working.spool.waiting == 1
    assert "4 bytes of a line that had not ended were read and are not taken." in working.said


def test_told_to_end_an_agent_hangs_up_on_a_request_that_takes_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.agent.agent._END_SECONDS", 0.1)
    working = Working(tmp_path, Reader([b"one"], ends=False))
    asked = threading.Event()

    def slow() -> None:
        asked.set()
        assert working.hung_up.wait(WAIT_SECONDS)
        away()

    working.capture.moods = [slow]
    with working:
        assert asked.wait(WAIT_SECONDS)
        working.agent.stop()
        assert working.end() is None
    assert working.spool.waiting == 1


def test_on_a_full_disk_no_line_is_told_to_be_taken_until_it_is(tmp_path: Path) -> None:
    working = Working(tmp_path, Reader([b"one"], [b"two"], ends=False))
    working.disk.room = 0
    with working:
        until(lambda: bool(working.said))
        until(lambda: [one["phase"] for one in read_report(tmp_path)["troubles"]] == ["full"])  # told after it is said
        assert working.told == []
        working.disk.room = None
        until(lambda: working.codes == ["one", "two"])
    assert working.told == [(1, 1), (2, 1)]
    assert working.said == [
        f"No line is taken. The spool {tmp_path} cannot be used: No space left on device. Make room on its disk;"
        " nothing on it is lost.",
        "Lines are taken again.",
    ]


def test_on_a_disk_that_stays_full_lines_read_and_not_taken_are_named_at_the_end(tmp_path: Path) -> None:
    working = Working(tmp_path, Reader([b"one", b"two"], ends=False))
    working.disk.room = 0
    with working:
        until(lambda: bool(working.said))
        working.agent.stop()
        error = working.end()
    assert isinstance(error, SpoolUnusable)
    assert '2 lines were read and are not taken, the first: b\'{"code":"one"' in str(error)
    assert (working.told, working.codes) == ([], [])


def test_a_source_that_breaks_is_named_and_what_it_gave_is_kept(tmp_path: Path) -> None:
    reader = Reader([b"one"])
    reader.breaks = True
    working = Working(tmp_path, reader)
    with working:
        error = working.end()
    assert isinstance(error, SourceUnusable)
    assert str(error) == "the reader cannot be read: Input/output error."
    assert working.told == [(1, 1)]


def test_a_fault_in_the_sending_ends_the_agent_with_it(tmp_path: Path) -> None:
    def broken() -> None:
        message = "a fault of ours"
        raise ZeroDivisionError(message)

    working = Working(tmp_path, Reader([b"one"], ends=False))
    working.capture.moods = [broken]
    with working:
        assert isinstance(working.end(), ZeroDivisionError)
    assert working.spool.waiting == 1


def test_what_was_refused_is_sent_again_or_let_go_as_a_person_asks(tmp_path: Path) -> None:
    working = Working(tmp_path, Reader([b"ahead", b"bad", b"{no"], ends=False))
    with working:
        until(lambda: len(working.spool.refusals) == 3)
        write_request(tmp_path, "forget", None, "NOT_JSON")
        until(lambda: len(working.spool.refusals) == 2)
        (tmp_path / "requests" / "0.json").write_text("no request")
        write_request(tmp_path, "retry", None, "FUTURE_TIME")
        until(lambda: working.codes == ["ahead", "ahead"])
        until(lambda: len(working.spool.refusals) == 2)  # refused again
    assert json.loads(working.spool.refusals.find(None, "BAD_CODE")[0][1].text)["code"] == "bad"
    assert list((tmp_path / "requests").iterdir()) == []
    assert [said for said in working.said if "refused" in said or "request" in said] == [
        "1 refused lines are let go.",
        f"{tmp_path}/requests/0.json is no request, and was removed.",
        "1 refused scans are sent again.",
    ]


def test_requests_that_are_none_are_said_and_removed(tmp_path: Path) -> None:
    said: list[str] = []
    (tmp_path / "requests").mkdir()
    asked = ("", "[]", '{"do": "retry", "numbers": [1e999], "reason": ""}', "[" * 10**5)
    for number, text in enumerate(asked):
        (tmp_path / "requests" / f"{number}.json").write_text(text)
    with closing(Spool(RealDisk(), tmp_path)) as spool:
        assert Requests(spool, Report(tmp_path, said.append)).step() == 0
    assert [text.endswith("is no request, and was removed.") for text in said] == [True] * len(asked)
    assert list((tmp_path / "requests").iterdir()) == []


def test_a_request_that_cannot_be_left_says_where(tmp_path: Path) -> None:
    with pytest.raises(SpoolUnusable, match="none/requests: No such file"):
        write_request(tmp_path / "none", "retry", [1])
