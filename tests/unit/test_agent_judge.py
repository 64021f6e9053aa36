"""Verdicts are learnt receipt by receipt; those that refuse a scan are kept with it, FUTURE_TIME among them."""

import json
import math
from pathlib import Path

import pytest

from pipeline.agent.answers import Answer
from pipeline.agent.judge import Judge
from pipeline.agent.lines import Line
from pipeline.agent.pace import Pace
from pipeline.agent.report import Report
from pipeline.agent.sender import Sender
from pipeline.agent.spool import Spool
from pipeline.agent.stamp import Stamp, now_ms
from pipeline.errors import CaptureUnreachable
from tests.agent_capture import FakeCapture, answer, problem
from tests.agent_disk import MemoryDisk

CODES = [b"one", b"{no scan", b"ahead", b"two", b"bad", b"three", b"ahead", b"ahead"]


class Judging:
    """A judge of lines that were just acknowledged."""

    def __init__(self) -> None:
        self.disk, self.capture = MemoryDisk(), FakeCapture()
        self.said: list[str] = []
        self.seconds = 0.0
        self.report = Report(Path("/spool"), self.said.append)
        self.spool = Spool(self.disk, Path("/spool"))
        self.spool.take([Stamp({})(Line(code)) for code in CODES])
        Sender(self.spool, self.capture, self.report).step()
        self.begun = now_ms()
        self.judge = self.judge_of(self.spool)

    def judge_of(self, spool: Spool) -> Judge:
        return Judge(
            spool, self.capture, self.report, pace=Pace(lambda: 1.0), clock=lambda: self.seconds,
            now=lambda: self.begun + int(self.seconds * 1000),
        )  # fmt: skip

    def restart(self) -> None:
        """Go on as the next agent does."""
        self.spool.close()
        self.spool = Spool(self.disk, Path("/spool"))
        self.judge = self.judge_of(self.spool)

    def later(self, seconds: float) -> float:
        self.seconds += seconds
        return self.judge.step()

    def reasons(self) -> list[tuple[int, str]]:
        return [(one.line, one.reason) for _, one in self.spool.refusals.find(None, "")]

    def answers(self, *told: Answer | CaptureUnreachable) -> None:
        left = list(told)

        def next_one(receipt: str, after: int = -1) -> Answer:
            one = left.pop(0)
            if isinstance(one, CaptureUnreachable):
                raise one
            return one

        self.capture.receipt = next_one  # type: ignore[method-assign]


@pytest.fixture
def judging() -> Judging:
    return Judging()


def test_scans_rejected_by_verdict_are_refused_by_their_lines_and_the_rest_is_counted(judging: Judging) -> None:
    assert 0 < judging.judge.step() <= 0.5  # a verdict takes a moment
    assert judging.later(1) == 0
    assert judging.reasons() == [
        (2, "NOT_JSON"),
        (5, "BAD_CODE"),
        (3, "FUTURE_TIME"),
        (7, "FUTURE_TIME"),
        (8, "FUTURE_TIME"),
    ]
    assert judging.spool.outcomes == {"NOT_JSON": 1, "BAD_CODE": 1, "ACCEPTED": 3, "REJECTED": 3}
    assert judging.later(1) > 60
    assert judging.capture.asked > 2  # it came in pages


def test_a_verdict_that_is_not_there_yet_is_asked_for_ever_less_often(judging: Judging) -> None:
    judging.capture.is_behind = True
    assert [judging.later(60) for _ in range(7)] == [1, 2, 4, 8, 16, 30, 30]
    assert judging.reasons() == [(2, "NOT_JSON"), (5, "BAD_CODE")]
    judging.capture.is_behind = False
    assert judging.later(60) == 0


def test_refusals_are_known_while_other_verdicts_are_still_pending(judging: Judging) -> None:
    rejected = {"index": 1, "outcome": "REJECTED", "reason": "FUTURE_TIME", "next": {"text": "Stop."}}
    counts = dict.fromkeys(("accepted", "flagged", "repeated", "undecided"), 0)
    dead = {"index": 0, "error": "TRUNCATED", "detail": "it broke off"}
    page = {"counts": counts | {"rejected": 1, "dead_lettered": 1, "pending": 4}, "dead_letters": [dead]}
    judging.answers(*[answer(200, page | {"scans": [rejected], "next": None})] * 2)
    assert judging.later(1) > 0
    assert judging.reasons()[2:] == [(1, "TRUNCATED"), (3, "FUTURE_TIME")]
    judging.later(10)
    assert judging.reasons()[2:] == [(1, "TRUNCATED"), (3, "FUTURE_TIME")]


def closed(spool: Spool, how: str) -> int:
    return spool.send_again(None, "FUTURE_TIME") if how == "retried" else spool.forget(None, "FUTURE_TIME")


@pytest.mark.parametrize("how", ["retried", "forgotten"])
def test_what_a_person_closed_is_not_refused_again_while_other_verdicts_are_pending(judging: Judging, how: str) -> None:
    pending = dict.fromkeys(("accepted", "flagged", "repeated", "undecided", "dead_lettered"), 0)
    told = page(counts=pending | {"rejected": 1, "pending": 5})
    judging.answers(*[told] * 3, page())
    judging.later(1)
    assert closed(judging.spool, how) == 1
    taken = judging.spool.waiting
    for _ in range(2):
        judging.later(60)
        assert closed(judging.spool, how) == 0
        judging.restart()
    assert judging.later(60) == 0
    assert judging.reasons() == [(2, "NOT_JSON"), (5, "BAD_CODE")]
    assert judging.spool.waiting == taken == (1 if how == "retried" else 0)
    assert judging.spool.unjudged() is None


def test_after_a_day_verdicts_that_never_came_are_let_go_and_counted(judging: Judging) -> None:
    judging.capture.is_behind = True
    judging.later(3600)
    assert judging.later(24 * 3600) == 0
    assert judging.spool.outcomes["unjudged"] == 6
    assert judging.spool.unjudged() is None


def test_a_receipt_that_capture_does_not_know_is_let_go_after_ten_minutes(judging: Judging) -> None:
    judging.answers(*[problem(404, "RECEIPT_UNKNOWN")] * 2)
    assert judging.later(60) > 0
    assert judging.later(600) == 0
    assert judging.spool.outcomes["unjudged"] == 8
    assert judging.said == []


def page(**changes: object) -> Answer:
    """Returns a page of a receipt with a rejected scan, changed."""
    counts = dict.fromkeys(("accepted", "flagged", "repeated", "undecided", "dead_lettered", "pending"), 0)
    rejected = {"index": 1, "outcome": "REJECTED", "reason": "FUTURE_TIME", "next": {"text": "Stop."}}
    whole = {"counts": counts | {"rejected": 1}, "dead_letters": [], "scans": [rejected], "next": None}
    return answer(200, whole | changes)


ODD_COUNTS = {**json.loads(page().body)["counts"], "accepted": 10**4000}


@pytest.mark.parametrize(
    "told",
    [
        CaptureUnreachable("away"), problem(503, "NOT_NOW"), answer(200, []), Answer(200, {}, b"<html>"),
        Answer(200, {}, b"[" * 10**5), page(next="x"), page(next=-1), page(counts=ODD_COUNTS), page(scans=[{}]),
        page(dead_letters=[{"index": math.inf, "error": "", "detail": ""}]), page(scans=7),
    ],
)  # fmt: skip
def test_an_answer_that_is_none_is_asked_for_again(judging: Judging, told: Answer | CaptureUnreachable) -> None:
    judging.answers(told)
    assert judging.later(60) == 1
    assert judging.spool.unjudged() is not None


def test_a_place_that_no_scan_has_is_no_refusal(judging: Judging) -> None:
    dead = [{"index": index, "error": "TRUNCATED", "detail": "it broke off"} for index in (-1, 7, 10**9)]
    judging.answers(page(dead_letters=dead))
    judging.later(60)
    assert judging.reasons()[2:] == [(3, "FUTURE_TIME")]


@pytest.mark.parametrize("outcome", ["rejected", "dead_lettered"])
def test_what_was_refused_is_looked_for_on_all_pages_of_a_receipt(judging: Judging, outcome: str) -> None:
    counts = dict.fromkeys(("accepted", "flagged", "repeated", "undecided", "rejected", "dead_lettered", "pending"), 0)
    first = page(counts=counts | {outcome: 1}, scans=[], next=3)
    dead = {"dead_letters": [{"index": 1, "error": "TRUNCATED", "detail": "it broke off"}], "scans": []}
    judging.answers(first, page(counts=counts | {outcome: 1}, **dead if outcome == "dead_lettered" else {}))
    assert judging.later(60) == 0
    assert judging.reasons()[2:] == [(3, "TRUNCATED" if outcome == "dead_lettered" else "FUTURE_TIME")]


def test_a_key_that_may_not_read_receipts_is_said_and_asked_with_seldom(judging: Judging) -> None:
    judging.answers(problem(403, "NOT_ALLOWED"))
    assert judging.later(60) == 300
    assert judging.said == ["Verdicts cannot be read: 403: NOT_ALLOWED: It is NOT_ALLOWED."]
