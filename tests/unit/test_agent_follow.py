"""A followed file gives every line once, in order, whatever rotates it and however often the agent is started again."""

import gzip
import os
import shutil
import threading
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.agent.lines import Line, Place
from pipeline.agent.sources import rotation
from pipeline.agent.sources.follow import FollowedFile
from pipeline.errors import SourceUnusable


def pack(path: Path) -> None:
    """Compress a file as gzip does: the new file has the times of the old."""
    packed = path.with_name(f"{path.name}.gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    shutil.copystat(path, packed)
    path.unlink()


class Site:
    """A program that writes a file of lines, what rotates it, and an agent that follows it."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "scans.log"
        self.written: list[bytes] = []
        self.number = 0
        self.taken: list[bytes] = []
        self.said: list[str] = []
        self.places: list[Place] = []
        self.now = 0.0
        self.file.touch()
        self.source = FollowedFile(self.file, [], self.said.append, clock=lambda: self.now)
        self.look()

    def start(self, *, once: bool = False) -> None:
        """Read with another source, as the next agent does; the descriptors of the last are not left open."""
        self.source.close()
        self.source = FollowedFile(self.file, self.places, self.said.append, once=once, clock=lambda: self.now)

    def write(self, lines: int) -> None:
        with self.file.open("ab") as out:
            for _ in range(lines):
                self.number += 1
                self.written.append(b"0950600013435%04d" % self.number)
                out.write(self.written[-1] + b"\n")

    def write_half(self, _: int) -> None:
        """Write a line in two writes, with a look between them."""
        self.number += 1
        self.written.append(b"half of a line, %04d" % self.number)
        with self.file.open("ab") as out:
            out.write(self.written[-1][:9])
        self.look()
        with self.file.open("ab") as out:
            out.write(self.written[-1][9:] + b"\r\n")

    def rename(self, _: int) -> None:
        self.shift()
        self.file.rename(self.file.with_name("scans.log.1"))
        self.file.touch()

    def copy_and_truncate(self, _: int) -> None:
        if self.file.stat().st_size < 16:
            return  # a copy of so little could not be told from another
        self.shift()
        shutil.copyfile(self.file, self.file.with_name("scans.log.1"))
        self.file.write_bytes(b"")

    def shift(self) -> None:
        """Move what was rotated before one further; beyond the second it is compressed."""
        for path in sorted(self.file.parent.glob("scans.log.*"), key=lambda path: -int(path.name.split(".")[2])):
            number = int(path.name.split(".")[2]) + 1
            path.rename(target := path.with_name(f"scans.log.{number}{path.suffix if path.suffix == '.gz' else ''}"))
            if number > 2 and target.suffix != ".gz":
                pack(target)

    def look(self, polls: int = 1) -> None:
        for _ in range(polls):
            self.take(self.source.poll())

    def lose_end(self, lines: int) -> None:
        """Lose the last lines with the power, which the program writes no more; go on before the agent looks."""
        content = self.file.read_bytes().splitlines(keepends=True)
        lost = min(lines, len(content) - 15)  # fewer that are left do not tell the file from another
        if lost > 0:
            self.file.write_bytes(b"".join(content[:-lost]))
            here = len(self.written) - lost
            self.written[here:] = self.taken[here:]
            self.write(lines)

    def lose_power(self, lines: int) -> None:
        self.lose_end(lines)
        self.restart(1)

    def restart(self, _: int) -> None:
        self.start()

    def crash(self, kept: int) -> None:
        """Look, put only some of the lines on disk, and start again."""
        self.take((self.source.poll() or [])[:kept])
        self.start()

    def wait(self, _: int) -> None:
        self.now += 3

    def go_on(self, files: int = 1) -> None:
        """Read to the end of some files."""
        for _ in range(files):
            self.look(4)
            self.now += 3
            self.look()

    def take(self, lines: list[Line] | None) -> None:
        for line in lines or ():
            assert line.fault == ""
            assert line.place is not None
            self.places.append(line.place)
            self.taken += [line.text] if line.text else []

    def finish(self) -> None:
        self.start(once=True)
        for lines in self.source.lines(threading.Event()):
            self.take(lines)
        self.source.close()


OPERATIONS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "write",
                "write_half",
                "rename",
                "copy_and_truncate",
                "look",
                "look",
                "restart",
                "crash",
                "lose_power",
                "wait",
            ]
        ),
        st.integers(1, 20),
    ),
    max_size=25,
)


@given(OPERATIONS, st.booleans())
@settings(max_examples=400)
def test_every_line_is_taken_once_and_in_order(operations: list[tuple[str, int]], copies: bool) -> None:  # noqa: FBT001
    """One file is rotated in one way or in the other."""
    with TemporaryDirectory() as folder:
        site = Site(Path(folder))
        site.write(1)
        site.look()
        for name, count in operations:
            if name != ("rename" if copies else "copy_and_truncate"):
                getattr(site, name)(count)
        site.finish()
        assert site.taken == site.written
        assert all("has lost its end" in said for said in site.said)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_a_file_renamed_away_is_read_until_it_has_been_still_for_two_seconds(site: Site) -> None:
    site.write(1)
    site.rename(1)
    site.look(3)
    site.now += 1.9
    with site.file.with_name("scans.log.1").open("ab") as out:
        out.write(b"by who has not noticed\n")
    site.look(3)
    site.now += 1.9
    site.write(1)
    site.look(3)
    assert site.taken == [site.written[0], b"by who has not noticed"]
    site.now += 0.2
    site.look(3)
    assert site.taken == [site.written[0], b"by who has not noticed", site.written[1]]


def test_a_file_to_be_taken_once_that_is_not_there_is_said_to_be(tmp_path: Path) -> None:
    said: list[str] = []
    source = FollowedFile(tmp_path / "none.log", [], said.append, once=True)
    assert list(source.lines(threading.Event())) == []
    assert said == [f"There is no file {tmp_path}/none.log: nothing is taken of it."]


def test_a_file_not_yet_there_is_waited_for(tmp_path: Path) -> None:
    source = FollowedFile(tmp_path / "later.log", [], pytest.fail)
    assert source.poll() is None
    (tmp_path / "later.log").write_bytes(b"first\n")
    lines = [line for _ in range(3) for line in source.poll() or ()]
    assert [line.text for line in lines] == [b"", b"first"]  # the first one notes the file


def test_a_file_rotated_before_it_had_a_line_is_read_by_the_next_agent(site: Site) -> None:
    site.write(2)
    site.rename(1)
    site.write(1)
    site.restart(1)
    site.finish()
    assert site.taken == site.written


def test_rotated_files_whose_counts_rise_are_read_in_the_order_of_their_times(site: Site) -> None:
    for number in range(1, 4):
        site.write(1)
        if number == 1:
            site.look(2)
        site.file.rename(rotated := site.file.with_name(f"scans.log.{number}"))
        os.utime(rotated, ns=(0, number * 1_000_000_000))
    site.write(1)
    site.restart(1)
    site.finish()
    assert site.taken == site.written


@pytest.mark.parametrize("form", ["scans.log-20261126", "scans.log.2026-11-26T10:00", "scans.log.20261126.gz"])
def test_rotated_files_named_by_a_date_are_found_and_read_in_order(site: Site, form: str) -> None:
    site.write(1)
    site.look(2)
    site.write(1)
    packed = gzip.compress if form.endswith(".gz") else bytes
    site.file.with_name(form).write_bytes(packed(site.file.read_bytes()))
    site.file.unlink()
    site.write(1)
    site.file.rename(site.file.with_name(form.replace("26", "27", 2).removesuffix(".gz")))
    site.file.with_name("scans.log.backup").write_bytes(b"not what it was rotated to\n")
    site.write(1)
    site.restart(1)
    site.finish()
    assert site.taken == site.written


def test_what_is_nowhere_to_be_found_is_said_to_be_lost(site: Site) -> None:
    site.write(2)
    site.look(3)
    site.file.unlink()
    site.written.clear()
    site.taken.clear()
    site.write(1)
    site.finish()
    assert site.taken == site.written
    (said,) = site.said
    assert "after byte 36 is lost" in said


def test_a_file_cut_and_written_anew_is_read_from_its_beginning_and_the_loss_is_said(site: Site) -> None:
    site.write(2)
    with site.file.open("ab") as out:
        out.write(b"half of a li")
    site.look(3)
    site.written += [b"anew, and longer than it was before, so that only its beginning differs"]
    site.file.write_bytes(site.written[-1] + b"\n")
    [cut] = site.source.poll() or []
    assert cut == Line(b"half of a li", 48, cut.place, "UNFINISHED")
    site.look(3)
    assert site.taken == site.written
    (said,) = site.said
    assert "was cut" in said


def test_a_line_without_its_end_is_not_taken_but_where_nothing_can_follow_it(site: Site) -> None:
    with site.file.open("ab") as out:
        out.write(b"abc")
    site.look(5)
    assert site.taken == []
    site.finish()
    assert site.taken == [b"abc"]


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "scans.log").mkdir()
    with pytest.raises(SourceUnusable, match=r"scans.log cannot be read: Is a directory"):
        FollowedFile(tmp_path / "scans.log", [], pytest.fail).poll()


def test_a_file_that_lost_its_end_with_the_power_is_read_on_from_there_and_not_again(site: Site) -> None:
    site.write(30)
    site.look(3)
    site.lose_end(8)
    site.look(4)
    assert site.taken == site.written
    site.lose_power(3)
    site.look(1)
    site.write(9)
    site.finish()
    assert site.taken == site.written
    assert site.said == [f"{site.file} has lost its end; reading goes on at byte {at}." for at in (396, 486)]


def test_a_file_that_lost_more_than_is_remembered_is_read_on_at_its_end(site: Site) -> None:
    site.write(30)
    site.look(3)
    del site.places[:-5]
    os.truncate(site.file, 18 * 20)
    site.finish()
    site.write(1)
    site.finish()
    assert site.taken == site.written


def test_the_last_line_of_a_rotated_file_counts_without_its_end(site: Site) -> None:
    site.write(1)
    with site.file.open("ab") as out:
        out.write(b"all that fitted")
    site.look(2)
    site.rename(1)
    site.write(1)
    site.finish()
    assert site.taken == [site.written[0], b"all that fitted", site.written[1]]


def test_where_the_file_being_read_is_removed_what_was_written_later_is_read_next(site: Site) -> None:
    site.write(1)
    site.look(2)
    site.rename(1)
    site.write(1)
    site.rename(1)
    site.write(1)
    first, second = site.file.with_name("scans.log.2"), site.file.with_name("scans.log.1")
    os.utime(second, ns=(0, first.stat().st_mtime_ns + 1))
    first.unlink()
    for _ in range(3):
        site.look(4)
        site.now += 3
    assert site.taken == site.written


def rotated(site: Site, times: int) -> None:
    """Write lines and rotate the file, so often; then start again, in the first of the rotated files."""
    site.write(1)
    site.look(2)
    for _ in range(times):
        site.write(2)
        site.rename(1)
    site.write(2)
    site.start()


@pytest.mark.parametrize("times", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("while_reading", [1, 2, 3])
def test_a_file_being_read_is_known_again_whatever_name_rotation_gives_it(
    site: Site, times: int, while_reading: int
) -> None:
    """The first are renamed, the later ones compressed while they are read or before."""
    rotated(site, times)
    for _ in range(times):
        for _ in range(while_reading):
            site.write(1)
            site.rename(1)
        site.go_on()
    site.go_on(times * (while_reading + 1))
    assert site.taken == site.written
    assert site.said == []


def test_few_bytes_that_were_compressed_while_they_were_read_are_known_by_their_time(site: Site) -> None:
    for text in (b"a\n", b"b\n", b"c\n"):
        site.file.write_bytes(text)
        os.utime(site.file, ns=(0, ord(text[:1])))
        site.look(2)
        site.rename(1)
    site.go_on(4)
    assert site.taken == [b"a", b"b", b"c"]
    assert site.said == []


def test_a_rotated_file_that_is_just_being_compressed_is_read_once(site: Site) -> None:
    rotated(site, 2)
    site.file.with_name("scans.log.1.gz").write_bytes(b"\x1f\x8b half of it")
    site.go_on(4)
    assert site.taken == site.written


def test_a_compressed_file_left_over_beside_a_younger_one_of_its_name_is_read_before_it(site: Site) -> None:
    rotated(site, 2)
    pack(site.file.with_name("scans.log.1"))
    site.write(1)
    site.file.rename(younger := site.file.with_name("scans.log.1"))
    os.utime(younger, ns=(0, site.file.with_name("scans.log.1.gz").stat().st_mtime_ns + 1))
    site.write(1)
    site.go_on(5)
    assert site.taken == site.written


@pytest.mark.parametrize("times", [0, 1, 2])
def test_a_rotation_while_the_next_file_is_opened_skips_nothing(
    site: Site, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rotated(site, times + 1)
    site.look(3)
    site.now += 3

    def open_after_a_rotation(path: Path) -> rotation.Opened:
        monkeypatch.undo()
        site.rename(1)
        site.write(1)
        return rotation.open_plain(path)

    monkeypatch.setattr(rotation, "open_plain", open_after_a_rotation)
    site.go_on(times + 4)
    assert site.taken == site.written


def test_where_the_file_being_read_is_nowhere_any_more_files_that_may_be_lost_are_said(site: Site) -> None:
    rotated(site, 2)
    site.look(3)
    site.file.with_name("scans.log.2").unlink()
    site.go_on(3)
    assert site.taken == site.written
    (said,) = site.said
    assert "whole files between, if any were removed with it, are lost." in said
    assert said.endswith("Reading goes on with " + str(site.file.with_name("scans.log.1")) + ".")


def test_a_damaged_rotated_file_is_not_taken_for_the_one_looked_for(site: Site) -> None:
    site.write(2)
    site.look(3)
    for name in ("scans.log.1.gz", "scans.log.2.bz2", "scans.log.3.xz"):
        site.file.with_name(name).write_bytes(b"this is not what the name says")
    torn = bytearray(gzip.compress(site.file.read_bytes()))
    torn[10:] = bytes([0xFF] * len(torn[10:]))
    site.file.with_name("scans.log.4.gz").write_bytes(torn)
    site.file.unlink()
    site.restart(1)
    assert len(site.said) == 1
