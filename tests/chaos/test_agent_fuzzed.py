"""What is around an agent, spoiled: the files of its spool, the answers it hears, the lines it is given."""

import json
import random

import pytest

from pipeline.agent.batch import build_batch
from pipeline.agent.lines import Splitter
from pipeline.agent.segment import Entry
from pipeline.agent.stamp import Stamp
from pipeline.agent.taken import Taken, read_taken, write_taken
from pipeline.capture.codes import CodeReader
from pipeline.capture.http.check import check
from pipeline.capture.http.lines import read_lines
from tests.chaos.figures import told
from tests.mutated_codes import spoiled_code
from tests.mutations import a_request
from tests.spoiled_answers import SpoiledAnswers
from tests.spoiled_spool import SpoiledSpool
from tests.unit.http.test_fuzz import OF_ONE

SPOOLS, TALKS, LINES = 20_000, 10_000, 100_000


@pytest.fixture
def chance() -> random.Random:
    return random.Random(20_261_126)  # noqa: S311  no secret


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_twenty_thousand_damaged_spools_lose_no_line_that_is_whole_and_send_none_under_two_names(
    chance: random.Random, capsys: pytest.CaptureFixture[str]
) -> None:
    written = whole = 0
    with told(capsys) as figures:
        for _ in range(SPOOLS):
            spool = SpoiledSpool(chance)
            spool.work()
            spool.damage()
            written, whole = written + len(spool.kept), whole + len(must_arrive := spool.must_arrive())
            spool.go_on()
            spool.assert_none_lost_or_doubled(must_arrive)
        figures.tell(f"{SPOOLS:,} damaged spools of {written:,} lines, {whole:,} whole and none lost,")
    assert whole > written / 2


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_ten_thousand_conversations_with_spoiled_answers_end_with_every_line_there_or_refused(
    chance: random.Random, capsys: pytest.CaptureFixture[str]
) -> None:
    heard = 0
    with told(capsys) as figures:
        for _ in range(TALKS):
            talk = SpoiledAnswers(chance)
            talk.work()
            talk.assert_all_came()
            heard += talk.spoiled
        figures.tell(f"{heard:,} spoiled answers in {TALKS:,} conversations")
    assert heard > 2 * TALKS


def spoiled_lines(chance: random.Random) -> bytes:
    """Return what a reader or a program may write, with ends of lines wherever they fall."""
    if chance.random() < 0.5:
        return a_request(chance)[0] + b"\n"
    codes = [spoiled_code(chance).encode("utf-8", "surrogatepass") for _ in range(4)]
    return chance.choice((b"\n", b"\r\n", b"\n\n", b"\r")).join(codes) + b"\n"


def assert_kept_and_sent(taken: list[Taken]) -> None:
    """Assert that lines are read back from the spool, and are as many scans to capture as they are here."""
    entries = [Entry(number, write_taken(one)) for number, one in enumerate(taken, 1)]
    assert [read_taken(one.text) for one in entries] == taken
    if not entries:
        return
    batch = build_batch(entries, "now", most_bytes=10**9)
    names = [json.loads(line)["scan_id"] for line in batch.body.split(b"\n") if line]
    assert len(batch.numbers) == len(names) == sum(one.is_scan for one in taken)
    assert len(batch.numbers) + len(batch.refused) == len(taken)
    if names:
        found = check(read_lines(batch.body, "ndjson"), OF_ONE, 1_793_611_300_000, CodeReader())
        assert found.scans == len(names)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_hundred_thousand_spoiled_lines_are_kept_as_scans_or_refused_and_keep_their_places(
    chance: random.Random, capsys: pytest.CaptureFixture[str]
) -> None:
    count = scans = 0
    with told(capsys) as figures:
        while count < LINES:
            lines = Splitter().feed(spoiled_lines(chance))
            taken = [Stamp({"step": "RECEIVE", "attributes": {"shift": "late"}})(line) for line in lines]
            assert_kept_and_sent(taken)
            count, scans = count + len(taken), scans + sum(one.is_scan for one in taken)
        figures.tell(f"{count:,} spoiled lines, {scans:,} of them scans,")
    assert LINES / 10 < scans < count
