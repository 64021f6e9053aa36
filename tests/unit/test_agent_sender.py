"""What an agent does with each answer of capture: it goes on, waits, sends less, or stops and says so."""

import json
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.agent.answers import Answer, Later, Meaning, Stopped, Took, TooLarge, meaning_of
from pipeline.agent.lines import Line
from pipeline.agent.pace import Pace
from pipeline.agent.report import Report, read_report
from pipeline.agent.sender import Sender
from pipeline.agent.spool import Spool
from pipeline.agent.stamp import Stamp
from pipeline.errors import SettingsWrong
from tests.agent_capture import FakeCapture, answer, away, problem
from tests.agent_disk import MemoryDisk
from tests.spoiled_answers import SpoiledAnswers

FOLDER = Path("/spool")
HASH = "f" * 64


class Sending:
    """A sender with some lines to send, a clock that is told the time, and what was said."""

    def __init__(self, folder: Path, lines: int = 8) -> None:
        self.spool, self.capture = Spool(MemoryDisk(), FOLDER), FakeCapture()
        self.said: list[str] = []
        self.now, self.key = 0.0, "sl_1"
        self.report = Report(folder, self.said.append)
        self.sender = Sender(
            self.spool, self.capture, self.report, most_scans=4, key=lambda: self.key, pace=Pace(lambda: 1.0),
            clock=lambda: self.now,
        )  # fmt: skip
        self.spool.take([Stamp({})(Line(b"code %d" % number)) for number in range(lines)])

    def after(self, *answers: Answer) -> float:
        """Return the pause after these answers."""
        self.capture.moods = [lambda one=one: one for one in answers]  # type: ignore[misc]
        return [self.sender.step() for _ in answers][-1]


@pytest.fixture
def sending(tmp_path: Path) -> Sending:
    return Sending(tmp_path)


def receipt(**fields: object) -> Answer:
    told = {"id": "r", "counts": {"queued": 2}, "skew_seconds": 1.5, "payload_sha256": HASH, "malformed": []}
    return answer(202, told | fields)


BAD = {"index": 1, "field": None, "reason": "NOT_JSON", "message": "what is it?"}


@pytest.mark.parametrize(
    ("told", "meaning"),
    [
        (receipt(), Took("r", 2, [], -1.5)),
        (problem(503, "NOT_NOW", retry_after="7"), Later(7.0, "503: NOT_NOW: It is NOT_NOW")),
        (problem(429, "TOO_MUCH"), Later(None, "429: TOO_MUCH: It is TOO_MUCH")),
        (problem(503, "X", retry_after="99999999"), Later(3600.0, "503: X: It is X")),
        (problem(503, "X", retry_after="Thu, 01 Jan 1970 00:00:00 GMT"), Later(0.0, "503: X: It is X")),
        (problem(503, "X", retry_after="soon"), Later(None, "503: X: It is X")),
        (problem(409, "STILL_RUNNING", retry_after="1"), Later(1.0, "409: STILL_RUNNING: It is STILL_RUNNING")),
        (problem(413, "TOO_LARGE"), TooLarge("TOO_LARGE: It is TOO_LARGE")),
        (problem(401, "KEY_UNKNOWN"), Stopped("401: KEY_UNKNOWN: It is KEY_UNKNOWN")),
        (problem(403, "NOT_ALLOWED"), Stopped("403: NOT_ALLOWED: It is NOT_ALLOWED")),
        (problem(422, "OTHER_BODY"), Stopped("422: OTHER_BODY: It is OTHER_BODY")),
        (Answer(302, {"location": "https://elsewhere"}, b""), Later(None, "302: no more said")),
        (Answer(200, {}, b"<html>Log in to\x1b[31mthe\nhotel"), Later(None, "200: <html>Log in to [31mthe hotel")),
        (Answer(200, {}, b"[" * 100_000), Later(None, "200: " + "[" * 200)),
        (Answer(502, {}, b'{"detail": 5}'), Later(None, "502: 5")),
        (Answer(511, {}, b""), Later(None, "511: no more said")),
        (Answer(404, {}, b"nothing here"), Stopped("404: nothing here")),
    ],
)  # fmt: skip
def test_an_answer_means_what_its_status_and_its_receipt_say(told: Answer, meaning: Meaning) -> None:
    assert meaning_of(told, 2, HASH) == meaning


@pytest.mark.parametrize(
    "wrong",
    [
        {"payload_sha256": "0" * 64},
        {"counts": {"queued": 1}},
        {"counts": {"queued": 2}, "malformed": [BAD]},
        {"counts": {"queued": 1}, "malformed": [BAD | {"index": 2}]},
        {"counts": {"queued": 1}, "malformed": [BAD | {"index": -1}]},
        {"malformed": [{}]},
        {"malformed": None},
        {"id": None, "counts": []},
    ],
)
def test_a_receipt_that_does_not_account_for_every_scan_is_none(wrong: dict[str, object]) -> None:
    assert isinstance(meaning_of(receipt(**wrong), 2, HASH), Later)


def test_the_faults_of_one_scan_are_one_refusal() -> None:
    other = {"index": 1, "field": "step", "reason": "MISSING", "message": "what was done?"}
    took = meaning_of(receipt(counts={"queued": 1}, malformed=[BAD, other]), 2, HASH)
    assert isinstance(took, Took)
    (one,) = took.malformed
    assert (one.index, one.field, one.reason) == (1, "scan, step", "NOT_JSON")
    assert one.message == "what is it?; what was done?"


def test_lines_go_in_order_and_in_batches_and_then_there_is_nothing_to_do(sending: Sending) -> None:
    assert sending.sender.step() == sending.sender.step() == 0
    assert sending.sender.step() > 60
    assert [scan["code"] for scan in sending.capture.queued] == [f"code {n}" for n in range(8)]
    assert sending.spool.waiting == 0


def test_the_wait_doubles_up_to_a_minute_and_begins_anew_after_a_success(sending: Sending) -> None:
    pauses = []
    for _ in range(8):
        sending.capture.moods = [away]
        pauses.append(sending.sender.step())
        assert 0 < sending.sender.step() <= pauses[-1]  # not before it is time
        sending.now += pauses[-1]
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]
    assert sending.sender.step() == 0
    sending.capture.moods = [away]
    assert sending.sender.step() == 1


def test_pauses_differ_between_sites_by_half_and_never_undercut_retry_after() -> None:
    assert Pace(lambda: 0.0).failed() == 0.5
    assert Pace(lambda: 0.0).failed(30.0) == 30.5


def test_a_busy_capture_is_given_the_time_it_asks_for_and_what_happens_is_said_once(sending: Sending) -> None:
    busy = problem(429, "TOO_MUCH_AT_ONCE", retry_after="30")
    assert sending.after(busy) == 31
    sending.now += 31
    assert sending.after(busy) == 32
    sending.now += 32
    sending.sender.step()
    assert sending.said == [
        "429: TOO_MUCH_AT_ONCE: It is TOO_MUCH_AT_ONCE. Lines are kept on disk meanwhile.",
        "Capture answers; 4 lines wait.",
    ]


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_stops_the_sending_until_it_changes(sending: Sending, tmp_path: Path, status: int) -> None:
    assert sending.after(problem(status, "KEY_UNKNOWN")) > 60
    assert sending.sender.stopped_because.startswith(str(status))
    (trouble,) = read_report(tmp_path)["troubles"]
    assert (trouble["part"], trouble["phase"]) == ("sending", "stopped")
    assert sending.sender.step() <= 1  # it looks for another key
    assert sending.capture.requests == 1
    sending.key = "sl_2"
    assert sending.sender.step() == 0
    assert sending.sender.stopped_because == ""
    assert read_report(tmp_path)["troubles"] == []
    assert sending.capture.requests == 2


def test_a_key_that_cannot_be_read_stops_the_sending_and_is_named(tmp_path: Path) -> None:
    sending = Sending(tmp_path)

    def no_key(body: bytes, idempotency_key: str, sent_ms: int) -> Answer:
        message = "No API key: set SCANLEDGER_KEY"
        raise SettingsWrong(message)

    sending.capture.post_scans = no_key  # type: ignore[method-assign]
    assert sending.sender.step() > 60
    assert sending.sender.stopped_because == "No API key: set SCANLEDGER_KEY"


def test_a_body_too_large_is_halved_until_it_is_taken(sending: Sending) -> None:
    sending.capture.most = 1
    while sending.spool.waiting:
        assert sending.sender.step() == 0
    assert [scan["code"] for scan in sending.capture.queued] == [f"code {n}" for n in range(8)]
    assert sending.capture.requests == 2 + 8


def test_one_scan_that_is_too_large_alone_is_refused_and_the_next_ones_go_on(sending: Sending) -> None:
    sending.after(*[problem(413, "TOO_LARGE")] * 3)
    while sending.spool.waiting:
        sending.sender.step()
    assert [scan["code"] for scan in sending.capture.queued] == [f"code {n}" for n in range(1, 8)]
    ((_, refusal),) = sending.spool.refusals.find(None, "")
    assert (refusal.line, refusal.reason, json.loads(refusal.text)["code"]) == (1, "TOO_LARGE", "code 0")


def test_a_clock_that_is_off_is_said_once_and_shown(sending: Sending, tmp_path: Path) -> None:
    for seconds in (3600.0, 3600.0, 0.2, -120.0):
        sending.report.clock(seconds)
    sending.report.clock(None)
    assert [said.partition(": set it")[0] for said in sending.said] == [
        "This machine's clock is 3,600 s ahead of the ledger's",
        "This machine's clock is 120 s behind the ledger's",
    ]
    assert read_report(tmp_path)["clock_ahead_seconds"] == -120.0


def test_a_report_that_cannot_be_written_keeps_nobody_from_working(tmp_path: Path) -> None:
    sending = Sending(tmp_path / "not there")
    assert sending.sender.step() == 0
    assert read_report(tmp_path / "not there") == {}


@pytest.mark.parametrize("text", ["", "[1]", "[" * 10**5, "\0" * 40])
def test_a_report_that_is_none_is_empty(tmp_path: Path, text: str) -> None:
    (tmp_path / "state.json").write_text(text)
    assert read_report(tmp_path) == {}


@settings(max_examples=60)
@given(st.randoms(use_true_random=False))
def test_whatever_capture_answers_every_line_is_there_or_refused_once_it_answers_right(chance: Random) -> None:
    talk = SpoiledAnswers(chance)
    talk.work()
    talk.assert_all_came()


@pytest.mark.parametrize("name", ["", "\ud800", "a\nb", "x" * 300])
def test_a_receipt_whose_name_nobody_could_ask_for_is_none(name: str) -> None:
    told = {"id": name, "counts": {"queued": 1}, "malformed": [], "payload_sha256": HASH}
    assert isinstance(meaning_of(answer(202, told), 1, HASH), Later)


def test_what_capture_says_of_a_scan_is_kept_in_plain_letters_and_not_without_end() -> None:
    fault = {"index": 0, "field": "x" * 9000, "reason": "A\nB\x1b[31m", "message": "\ud800" + "m" * 10**6}
    told = {"id": "r", "counts": {"queued": 0}, "malformed": [fault], "payload_sha256": HASH}
    took = meaning_of(answer(422, told), 1, HASH)
    assert isinstance(took, Took)
    assert took.malformed[0].reason == "A B [31m"
    assert (len(took.malformed[0].field), len(took.malformed[0].message)) == (2000, 2000)
    assert took.malformed[0].message.isprintable()
