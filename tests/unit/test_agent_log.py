"""A log on a disk that loses power, breaks or fills up at every step there is: what was taken stays, in order, once."""

import errno
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.agent.disk import RealDisk
from pipeline.agent.folder import list_segments, read_all
from pipeline.agent.log import Log
from pipeline.agent.segment import Damage, Entry
from tests.agent_disk import MemoryDisk, PowerLost

FOLDER = Path("/spool/scans")
SMALL = 200
"""Bytes of a segment in these tests: a few entries."""


def open_log(disk: MemoryDisk, known: int = 0) -> Log:
    return Log(disk, FOLDER, known=known, segment_bytes=SMALL)


def all_of(log: Log, after: int = 0, most: int = 3) -> list[Entry | Damage]:
    """Returns what is in a log, read in small steps."""
    found: list[Entry | Damage] = []
    while step := log.read(after, most):
        found += step
        after = step[-1].last if isinstance(step[-1], Damage) else step[-1].number
    return found


def texts_of(found: list[Entry | Damage]) -> list[bytes]:
    assert all(isinstance(one, Entry) for one in found), found
    assert [one.number for one in found] == list(range(1, len(found) + 1))
    return [one.text for one in found if isinstance(one, Entry)]


class Writer:
    """Appends batches until the disk stops it; knows what it was told is on disk, and what it tried."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.trying: list[bytes] = []
        self._tried = 0

    def write(self, log: Log, batches: int, size: int = 2) -> None:
        for _ in range(batches):
            self.trying = [b"line %d: scanned" % (self._tried + at) for at in range(size)]
            self._tried += size
            log.append(self.trying)
            self.taken += self.trying
            self.trying = []

    def assert_kept(self, found: list[Entry | Damage]) -> None:
        """Assert that all that was taken is there, and after it at most the beginning of what was being tried."""
        texts = texts_of(found)
        assert texts[: len(self.taken)] == self.taken
        rest = texts[len(self.taken) :]
        assert rest == self.trying[: len(rest)]


def steps_of(work: Callable[[MemoryDisk], object]) -> int:
    disk = MemoryDisk()
    work(disk)
    return disk.steps


def a_days_work(disk: MemoryDisk, writer: Writer) -> None:
    writer.write(open_log(disk), 6)
    writer.write(open_log(disk), 3)


STEPS = steps_of(lambda disk: a_days_work(disk, Writer()))


@pytest.mark.parametrize("seed", range(8))
def test_a_power_loss_at_any_step_loses_nothing_taken_and_the_log_goes_on(seed: int) -> None:
    for step in range(1, STEPS + 1):
        disk, writer = MemoryDisk(), Writer()
        disk.power_off_at = step
        with pytest.raises(PowerLost):
            a_days_work(disk, writer)
        found = disk.after_power_loss(random.Random(f"{seed} {step}"))  # noqa: S311  no secret
        log = open_log(found)
        writer.assert_kept(all_of(log))
        writer.taken = texts_of(all_of(log))
        writer.write(log, 4, size=1 + step % 3)
        assert texts_of(all_of(log)) == texts_of(all_of(open_log(found))) == writer.taken


def test_a_power_loss_while_the_log_is_opened_after_a_power_loss_loses_nothing() -> None:
    for step in range(1, STEPS + 1):
        disk, writer, chance = MemoryDisk(), Writer(), random.Random(step)  # noqa: S311  no secret
        disk.power_off_at = step
        with pytest.raises(PowerLost):
            a_days_work(disk, writer)
        for again in range(1, 5):
            disk = disk.after_power_loss(chance)
            disk.power_off_at = again
            with pytest.raises(PowerLost):
                Writer().write(open_log(disk), 1)
        assert texts_of(all_of(open_log(disk.after_power_loss(chance))))[: len(writer.taken)] == writer.taken


def test_a_kill_at_any_step_loses_nothing_taken() -> None:
    for step in range(1, STEPS + 1):
        disk, writer = MemoryDisk(), Writer()
        disk.power_off_at = step
        with pytest.raises(PowerLost):
            a_days_work(disk, writer)
        writer.assert_kept(all_of(open_log(disk.after_kill())))


def test_what_a_reopened_log_shows_is_safe_though_its_writer_was_killed_before_it_synced() -> None:
    disk, writer = MemoryDisk(), Writer()
    log = open_log(disk)
    writer.write(log, 1)
    disk.power_off_at = disk.steps + 2  # the sync of the next append
    with pytest.raises(PowerLost):
        writer.write(log, 1)
    seen = all_of(open_log(disk.after_kill()))
    assert len(seen) == 4
    assert all_of(open_log(disk.after_power_loss(random.Random(1)))) == seen  # noqa: S311  no secret


def test_what_is_behind_a_torn_entry_never_comes_back() -> None:
    disk = MemoryDisk()
    log = open_log(disk)
    log.append([b"taken"])
    begin = len(disk.bytes_of(list_segments(disk, FOLDER)[0].file))
    log.append([b"torn!", b"ghost"])
    disk.bytes_of(list_segments(disk, FOLDER)[0].file)[begin] ^= 1
    again = open_log(disk)
    assert again.append([b"newer"]) == 2
    assert texts_of(all_of(again)) == texts_of(all_of(open_log(disk))) == [b"taken", b"newer"]


def test_a_file_whose_sync_failed_is_written_no_more_and_what_was_written_to_it_is_gone() -> None:
    disk = MemoryDisk()
    log = open_log(disk)
    log.append([b"taken"])
    disk.faults = {disk.steps + 2: errno.EIO}
    with pytest.raises(OSError, match="EIO"):
        log.append([b"lost!", b"ghost"])
    assert texts_of(all_of(open_log(disk))) == [b"taken"]
    log.append([b"newer"])
    assert len(list_segments(disk, FOLDER)) == 2
    assert texts_of(all_of(open_log(disk))) == [b"taken", b"newer"]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_an_error_at_any_step_takes_nothing_and_the_same_lines_may_be_appended_again(code: int) -> None:
    failed = 0
    for step in range(1, STEPS + 1):
        disk, writer = MemoryDisk(), Writer()
        log = open_log(disk)
        disk.faults = {step: code}
        while len(writer.taken) < 18:
            try:
                writer.write(log, 1)
            except OSError as error:
                assert error.errno == code
                failed += 1
                assert texts_of(all_of(log)) == writer.taken
        assert texts_of(all_of(log)) == writer.taken
        found = disk.after_power_loss(random.Random(step))  # noqa: S311  no secret
        assert texts_of(all_of(open_log(found))) == writer.taken
    assert failed > STEPS / 2


@pytest.mark.parametrize("many", [2, 3, 5, 9])
def test_errors_at_any_steps_in_a_row_leave_what_was_taken_to_be_read(many: int) -> None:
    for step in range(1, STEPS + 1):
        disk, writer = MemoryDisk(), Writer()
        log = open_log(disk)
        disk.faults = dict.fromkeys(range(step, step + many), errno.ENOSPC)
        while len(writer.taken) < 18:
            try:
                writer.write(log, 1)
            except OSError:
                assert texts_of(all_of(log)) == writer.taken
        disk.faults = {}
        assert texts_of(all_of(log)) == texts_of(all_of(open_log(disk))) == writer.taken
        assert all(name.endswith(".seg") for name in disk.names(FOLDER))


def test_the_last_note_stays_on_disk_while_there_is_no_room_for_the_next_segment() -> None:
    disk = MemoryDisk()
    log = Log(disk, FOLDER, segment_bytes=1, note=lambda: b"how far it came")
    log.append([b"taken"])
    disk.faults = dict.fromkeys([disk.steps + 5, *range(disk.steps + 7, disk.steps + 20)], errno.ENOSPC)  # after a head
    for _ in range(3):
        with pytest.raises(OSError, match="ENOSPC"):
            log.append([b"more"])
        log.trim(2)
    assert Log(disk.after_power_loss(random.Random(1)), FOLDER).newest()[0] == b"how far it came"  # noqa: S311
    disk.faults = {}
    assert log.append([b"more"]) == 2
    assert all_of(log, after=1) == [Entry(2, b"more")]


def test_a_full_disk_takes_lines_again_once_there_is_room() -> None:
    disk, writer = MemoryDisk(), Writer()
    log = open_log(disk)
    disk.room = 500
    with pytest.raises(OSError, match="No space left"):
        writer.write(log, 100)
    with pytest.raises(OSError, match="No space left"):
        writer.write(log, 1)
    assert texts_of(all_of(log)) == writer.taken
    disk.room = None
    writer.write(log, 5)
    assert texts_of(all_of(open_log(disk))) == writer.taken


def test_entries_are_synced_before_they_count_and_a_new_segment_before_it_has_any() -> None:
    disk = MemoryDisk()
    log = open_log(disk)
    disk.journal.clear()
    log.append([b"x"])
    created, head, head_synced, named, name_synced, entry, entry_synced = disk.journal
    assert created == "create segment.new"
    assert (named, name_synced) == ("replace 00000000000000000001.seg", "sync_folder scans")
    assert (head_synced, entry_synced) == ("sync", "sync")
    assert head.startswith("write")
    assert entry.startswith("write")


@given(st.lists(st.lists(st.binary(max_size=30), min_size=1, max_size=4), max_size=12), st.integers(1, 5))
def test_what_is_read_in_any_steps_is_what_was_appended(batches: list[list[bytes]], most: int) -> None:
    disk = MemoryDisk()
    log = open_log(disk)
    read: list[Entry | Damage] = []
    for batch in batches:
        assert log.append(batch) == log.last
        read += all_of(log, after=len(read), most=most)
    expected = [text for batch in batches for text in batch]
    assert texts_of(read) == texts_of(all_of(open_log(disk), most=most)) == expected
    assert read_all(disk, FOLDER) == read
    for at in range(len(expected)):
        assert log.read(at, 1) == [Entry(at + 1, expected[at])]


def test_trimmed_segments_are_gone_and_the_last_one_stays_with_its_numbers() -> None:
    disk, writer = MemoryDisk(), Writer()
    log = open_log(disk)
    writer.write(log, 10)
    log.trim(9)
    left = all_of(log, after=8)
    assert [one.number for one in left] == list(range(9, 21))
    first = list_segments(disk, FOLDER)[0].first
    assert 1 < first <= 9
    log.trim(100)
    assert len(list_segments(disk, FOLDER)) == 1
    assert open_log(disk).last == 20


def test_a_log_that_lost_its_newest_entries_does_not_give_their_numbers_out_again() -> None:
    disk = MemoryDisk()
    open_log(disk).append([b"a", b"b"])
    log = open_log(disk, known=5)
    assert log.append([b"c"]) == 6
    assert all_of(log) == [Entry(1, b"a"), Entry(2, b"b"), Damage(3, 5), Entry(6, b"c")]
    assert all_of(open_log(disk)) == all_of(log)


def test_a_log_that_lost_all_its_segments_says_so_of_what_it_held() -> None:
    assert open_log(MemoryDisk(), known=5).read(1, 10) == [Damage(2, 5)]


def test_the_note_of_a_segment_is_what_was_known_when_it_began() -> None:
    disk, known = MemoryDisk(), [b"at the first"]
    log = Log(disk, FOLDER, segment_bytes=1, note=lambda: known[0])
    log.append([b"a"])
    known[0] = b"at the second"
    log.append([b"b"])
    known[0] = b"later"
    assert Log(disk, FOLDER).newest() == (b"at the second", [Entry(2, b"b")])


def test_damage_in_an_old_segment_is_reported_and_its_file_is_put_aside() -> None:
    disk, writer = MemoryDisk(), Writer()
    writer.write(open_log(disk), 10)
    first, second = list_segments(disk, FOLDER)[:2]
    content = disk.bytes_of(first.file)
    content[-3] ^= 1
    log = open_log(disk)
    found = all_of(log)
    assert Damage(second.first - 1, second.first - 1) in found
    assert sum(isinstance(one, Entry) for one in found) == 19
    log.trim(second.first)
    assert first.file.with_suffix(".damaged").name in disk.names(FOLDER)


def test_a_segment_without_a_right_head_is_damage_where_it_had_entries_and_nothing_where_it_had_none() -> None:
    disk, writer = MemoryDisk(), Writer()
    writer.write(open_log(disk), 10)
    last = list_segments(disk, FOLDER)[-1]
    disk.bytes_of(last.file)[0] ^= 1
    log = open_log(disk)
    assert log.last == 20
    assert all_of(log)[-1] == Damage(last.first, 20)
    assert log.append([b"more"]) == 21
    assert all_of(open_log(disk))[-2:] == [Damage(last.first, 20), Entry(21, b"more")]

    disk = MemoryDisk()
    writer = Writer()
    writer.write(open_log(disk), 2)
    disk.create(FOLDER / "00000000000000000005.seg")
    assert texts_of(all_of(open_log(disk))) == writer.taken


def test_a_missing_segment_is_damage() -> None:
    disk, writer = MemoryDisk(), Writer()
    writer.write(open_log(disk), 10)
    first, second = list_segments(disk, FOLDER)[:2]
    disk.remove(first.file)
    assert all_of(open_log(disk))[0] == Damage(1, second.first - 1)


def test_the_real_disk_keeps_a_log_as_the_one_in_memory_does(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    log = Log(RealDisk(), folder, segment_bytes=SMALL)
    for number in range(20):
        log.append([b"line %d" % number])
    log.close()
    again = Log(RealDisk(), folder, segment_bytes=SMALL)
    assert [one.text for one in all_of(again) if isinstance(one, Entry)] == [b"line %d" % n for n in range(20)]
    last = list_segments(RealDisk(), folder)[-1].file
    last.write_bytes(last.read_bytes()[:-1])
    assert Log(RealDisk(), folder).last == 19
    again.trim(10)
    assert len(read_all(RealDisk(), folder)) < 20
    assert oct(last.stat().st_mode)[-3:] == "600"
