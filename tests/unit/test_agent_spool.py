"""A spool over power losses, kills and disk faults at every step of taking, sending and judging.

Every line taken has its effect once, in order, or is in the book of refusals once; one nobody was told of may be lost.
"""

import errno
import json
import random
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.agent.judge import Judge
from pipeline.agent.lines import Line, Place
from pipeline.agent.refusals import Refusal, Refusals, open_refusals
from pipeline.agent.report import Report
from pipeline.agent.segment import Entry
from pipeline.agent.sender import Sender
from pipeline.agent.spool import Spool
from pipeline.agent.stamp import Stamp, now_ms
from pipeline.agent.taken import Fault, Taken, read_taken, write_taken
from pipeline.errors import SpoolUnusable
from tests.agent_capture import FakeCapture, lost
from tests.agent_disk import MemoryDisk, PowerLost
from tests.spoiled_spool import SpoiledSpool

FOLDER = Path("/spool")
CODES = [b"one", b"two", b"bad", b"{no scan", b"ahead", b"three", b"four", b"bad", b"bad", b"ahead", b"five"]
SCANS = [code for code in CODES if code not in (b"bad", b"{no scan")]


class Site:
    """A reader, its agent's parts, and a capture that outlives them."""

    def __init__(self) -> None:
        self.disk, self.capture = MemoryDisk(), FakeCapture()
        self.told = 0
        """Of CODES, how many the reader was told are on disk."""
        self.names: dict[bytes, str] = {}

    def work(self, *, batch: int = 2) -> Spool:
        """Take the codes left, two at a time, sending meanwhile, until all is sent and judged."""
        spool = Spool(self.disk, FOLDER, segment_bytes=300)
        stamp, clock = Stamp({"step": "OBSERVE"}), Clock()
        report = Report(FOLDER, lambda _: None)
        sender = Sender(spool, self.capture, report, most_scans=batch, clock=clock)
        judge = Judge(spool, self.capture, report, clock=clock, now=lambda: now_ms() + 1000)
        while self.told < len(CODES):
            lines = CODES[self.told : self.told + 2]
            spool.take([stamp(Line(code)) for code in lines])
            self.told += len(lines)
            sender.step()
            clock.now += 100
        for _ in range(200):
            sender.step()
            judge.step()
            clock.now += 100
        assert spool.waiting == 0
        assert spool.unjudged() is None
        return spool

    def assert_all_came_once(self) -> None:
        queued = [scan["code"].encode() for scan in self.capture.queued]
        assert len(self.capture.ids) == len(set(self.capture.ids)), "an effect twice"
        refused = [one.reason for one in open_refusals(self.disk, FOLDER / "refused").values()]
        assert queued == SCANS
        assert sorted(refused) == sorted(["BAD_CODE"] * 3 + ["NOT_JSON"] + ["FUTURE_TIME"] * 2)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def steps() -> int:
    site = Site()
    site.work()
    site.assert_all_came_once()
    return site.disk.steps


STEPS = steps()


@pytest.mark.parametrize("seed", range(3))
def test_a_power_loss_at_any_step_loses_nothing_and_doubles_nothing(seed: int) -> None:
    assert STEPS > 100
    for step in range(1, STEPS + 1):
        site, chance = Site(), random.Random(f"{seed} {step}")  # noqa: S311  no secret
        site.disk.power_off_at = step
        with pytest.raises(PowerLost):
            site.work()
        site.disk = site.disk.after_power_loss(chance)
        if chance.random() < 0.5:
            site.disk.power_off_at = chance.randrange(1, 60)
            with suppress(PowerLost):  # it may come too late
                taken_before(site)
                site.work()
            site.disk = site.disk.after_power_loss(chance)
        taken_before(site)
        site.work(batch=chance.choice([1, 2, 3]))
        site.assert_all_came_once()


def taken_before(site: Site) -> None:
    """The reader looks how far it came: what it was told is there, and perhaps what it was about to be told."""
    on_disk = Spool(site.disk, FOLDER)._scans.last  # noqa: SLF001  not a question that an agent has
    assert on_disk >= site.told
    site.told = on_disk


def test_a_kill_at_any_step_loses_nothing_and_doubles_nothing() -> None:
    for step in range(1, STEPS + 1):
        site = Site()
        site.disk.power_off_at = step
        with pytest.raises(PowerLost):
            site.work()
        site.disk.after_kill()
        taken_before(site)
        site.work()
        site.assert_all_came_once()


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_a_disk_error_at_any_step_takes_no_line_that_is_not_on_disk_and_doubles_nothing(code: int) -> None:
    said = 0
    for step in range(1, STEPS + 1):
        site = Site()
        site.disk.faults = {step: code}
        while True:
            try:
                site.work()
                break
            except SpoolUnusable as error:
                assert "The spool /spool cannot be used" in str(error)
                said += 1
            taken_before(site)
        site.assert_all_came_once()
    assert said > STEPS / 2


def test_an_answer_that_is_lost_is_asked_for_again_and_the_first_receipt_comes() -> None:
    site = Site()
    site.capture.moods = [lost, lost, lost]
    site.work()
    site.assert_all_came_once()
    assert len(site.capture.receipts) == site.capture.requests - 3


@pytest.mark.parametrize(
    "taken",
    [
        Taken(b'{"code":"x"}'),
        Taken(b"", "/a/file", Place(1, 2, 3, "head", "tail")),
        Taken(b"\xff\n{", "f", Place(1, 2, 3, "h", "t"), Fault("NOT_TEXT", "why", "2026-11-26T00:00:00.000Z")),
    ],
)
def test_what_is_kept_of_a_line_reads_back(taken: Taken) -> None:
    assert read_taken(write_taken(taken)) == taken


def test_where_a_followed_file_was_read_is_known_after_any_number_of_segments_and_files() -> None:
    disk = MemoryDisk()
    spool = Spool(disk, FOLDER, segment_bytes=300)
    for number in range(20):
        place = Place(7, number, 3, "head", "tail")
        spool.take([Taken(b"{}", f"/log/{number % 2}", place)])
    spool.take([Taken(b"{}")] * 10)
    again = Spool(disk, FOLDER)
    assert [again.places(f"/log/{one}")[-1].offset for one in (0, 1)] == [18, 19]
    assert again.places("/log/other") == []


def test_segments_go_when_their_lines_are_sent_and_judged_and_not_before() -> None:
    site = Site()
    site.capture.is_behind = True
    with pytest.raises(AssertionError):
        site.work()
    before = site.disk.names(FOLDER / "scans")
    assert before[0] == "00000000000000000001.seg"
    site.capture.is_behind = False
    site.work()
    assert len(before) > 3
    assert site.disk.names(FOLDER / "scans") == before[-1:]


def test_a_lost_cursor_sends_again_what_is_on_disk_under_its_old_names() -> None:
    site = Site()
    site.capture.is_behind = True
    with pytest.raises(AssertionError):
        site.work()
    site.disk.remove(FOLDER / "cursor")
    site.capture.is_behind = False
    site.work()
    assert len(set(site.capture.ids)) == len(SCANS)
    assert site.capture.ids[: len(SCANS)] == site.capture.ids[len(SCANS) :]


def test_damaged_lines_are_in_the_book_of_refusals_and_the_others_are_sent() -> None:
    disk, capture = MemoryDisk(), FakeCapture()
    spool = Spool(disk, FOLDER)
    for number in range(5):
        spool.take([Stamp({})(Line(b"code %d" % number))])
    content = disk.bytes_of(FOLDER / "scans" / "00000000000000000001.seg")
    for at in (content.index(b"code 1"), content.index(b"code 2")):
        content[at] ^= 1
    spool = Spool(disk, FOLDER)
    Sender(spool, capture, Report(FOLDER, lambda _: None)).step()
    assert [scan["code"] for scan in capture.queued] == ["code 0", "code 3", "code 4"]
    (refusal,) = spool.refusals.find(None, "")
    assert refusal[1].reason == "DAMAGED"
    assert refusal[1].message.startswith("lines 2 to 3 of the spool cannot be read")
    assert spool.outcomes == {"DAMAGED": 1}


@settings(max_examples=40)
@given(st.randoms(use_true_random=False))
def test_whatever_becomes_of_its_files_no_whole_line_is_lost_and_none_has_two_names(chance: random.Random) -> None:
    spool = SpoiledSpool(chance)
    spool.work()
    spool.damage()
    must_arrive = spool.must_arrive()
    spool.go_on()
    spool.assert_none_lost_or_doubled(must_arrive)


def test_reasons_without_end_are_counted_as_others_and_the_cursor_still_holds_them() -> None:
    disk = MemoryDisk()
    spool = Spool(disk, FOLDER)
    numbers = range(1, 201)
    spool.take([Stamp({})(Line(b"code %d" % number)) for number in numbers])
    reasons = ["x" * 5000, *(f"REASON_{number}" for number in numbers[1:])]
    for number, reason in zip(numbers, reasons, strict=True):
        spool.pass_by(number, [Refusal(number, "capture", reason, "", "{}", "now")])
    spool.close()
    outcomes = Spool(disk, FOLDER).outcomes
    assert (len(outcomes), outcomes["REASON_2"], sum(outcomes.values())) == (60, 1, 200)
    assert outcomes["others"] == 141


def test_what_was_closed_stays_known_until_its_line_is_settled_and_then_leaves_the_disk() -> None:
    disk = MemoryDisk()
    disk.make_folder(FOLDER)
    told = [Refusal(line, "verdict", "FUTURE_TIME", "", "x" * 900_000, "now") for line in range(1, 8)]
    book = Refusals(disk, FOLDER)
    for one in told:  # five in a segment
        book.add([one])
    book.close_some([number for number, _ in book.find(None, "")], "forgotten")
    book.trim(before=4)
    book = Refusals(disk, FOLDER)
    book.add(told[3:])
    assert len(book) == 0
    assert len(disk.names(FOLDER)) == 2
    book.trim(before=8)
    assert len(disk.names(FOLDER)) == 1
    assert open_refusals(disk, FOLDER) == {}


def test_refused_scans_are_sent_again_as_they_are_and_lines_that_are_none_are_not() -> None:
    site = Site()
    spool = site.work()
    first = {one.line: one.text for _, one in spool.refusals.find(None, "") if one.is_scan}
    assert spool.send_again(None, "FUTURE_TIME") == 2
    assert spool.waiting == 2
    sent = [read_taken(one.text).body.decode() for one in spool.unsent(10) if isinstance(one, Entry)]
    assert sorted(sent) == sorted(text for text in first.values() if '"ahead"' in text)
    assert {one.reason for _, one in spool.refusals.find(None, "")} == {"BAD_CODE", "NOT_JSON"}
    assert spool.send_again(None, "NOT_JSON") == 0
    numbers = [number for number, _ in spool.refusals.find(None, "")]
    assert spool.forget(numbers[:1], "") == 1
    assert spool.forget([*numbers, 999], "") == 3
    spool.close()
    assert open_refusals(site.disk, FOLDER / "refused") == {}
    again = site.work()
    assert len(again.refusals) == 2  # the scans sent again were refused again
    assert json.loads(again.refusals.find(None, "")[0][1].text)["code"] == "ahead"
