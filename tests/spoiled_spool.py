"""Spools whose files were damaged while no agent ran, and what an agent makes of them.

A line is whole where its bytes and its segment's head are. It may stand behind a hole that looks as the torn tail of a
last write does, of which nobody was told; every other whole line must reach capture, or the book of refusals.
"""

import json
import random
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pipeline.agent.cursor import read_cursor
from pipeline.agent.folder import list_segments
from pipeline.agent.judge import Judge
from pipeline.agent.lines import Line
from pipeline.agent.refusals import open_refusals
from pipeline.agent.report import Report
from pipeline.agent.segment import Entry, build_entry, read_head
from pipeline.agent.sender import Sender
from pipeline.agent.spool import CURSOR, REFUSED, SCANS, Spool
from pipeline.agent.stamp import Stamp, now_ms
from tests.agent_capture import FakeCapture
from tests.agent_disk import MemoryDisk

FOLDER = Path("/spool")
SMALL = 900
"""Bytes of a segment: a few lines."""
_KINDS = ("good", "good", "good", "bad", "ahead", "{no scan")


class Kept(NamedTuple):
    """A line as it was written: its number, its bytes on disk, the last line that was safe then, and what it said."""

    number: int
    data: bytes
    safe: int
    scan_id: str | None
    tag: str


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class SpoiledSpool:
    """One agent's spool and its capture, over one damage."""

    def __init__(self, chance: random.Random) -> None:
        self.chance, self.disk, self.capture, self.clock = chance, MemoryDisk(), FakeCapture(), Clock()
        self.kept: list[Kept] = []
        self.spoiled: set[str] = set()
        """Which of the files were touched, by the name of their folder; or the cursor."""

    def work(self) -> None:
        """Take some lines and send and judge some of them; then the agent is killed."""
        spool = Spool(self.disk, FOLDER, segment_bytes=SMALL)
        sender, judge = self._agent(spool)
        self.capture.is_behind = self.chance.random() < 0.5
        for _ in range(self.chance.randint(1, 6)):
            self._take(spool)
            for step in self.chance.choices((sender.step, judge.step, lambda: 0.0), k=2):
                step()
                self.clock.now += 100
        self.disk.after_kill()
        self.capture.is_behind = False

    def damage(self) -> None:
        """Change, cut, lengthen or remove up to three files."""
        for _ in range(self.chance.choice((1, 1, 2, 3))):
            files = [folder / name for folder, names in self.disk.folders.items() for name in names.seen]
            if not files:
                return
            file = self.chance.choice(files)
            self.spoiled.add(file.name if file.parent == FOLDER else file.parent.name)
            if self.chance.random() < 0.05:
                self.disk.remove(file)
            else:
                spoil(self.disk.bytes_of(file), self.chance)

    def go_on(self) -> Spool:
        """Let the next agent send and judge all there is, and a line more; return its spool."""
        spool = Spool(self.disk, FOLDER, segment_bytes=SMALL)
        sender, judge = self._agent(spool)
        self._take(spool)
        for _ in range(60):
            sender.step()
            judge.step()
            self.clock.now += 100
            if not spool.waiting and spool.unjudged() is None:
                break
        assert not spool.waiting
        assert spool.unjudged() is None
        return spool

    def must_arrive(self) -> list[Kept]:
        """Return the lines that are whole, and not behind what looks like a torn tail; asked for before `go_on`."""
        segments = list_segments(self.disk, FOLDER / SCANS)
        whole = [one for segment in segments for one in self._whole_in(bytes(self.disk.bytes_of(segment.file)))]
        last = next((s.first for s in reversed(segments) if read_head(bytes(self.disk.bytes_of(s.file)))), 0)
        return [one for one in whole if one.number < last or not self._is_torn(one, whole, last)]

    def assert_none_lost_or_doubled(self, must_arrive: list[Kept]) -> None:
        names: defaultdict[str, set[str]] = defaultdict(set)
        for scan in self.capture.queued:
            names[scan["tag"]].add(scan["scan_id"])
        assert all(len(ids) == 1 for ids in names.values()), "one line, two scans"
        refused = {one.text for one in open_refusals(self.disk, FOLDER / REFUSED).values()}
        for one in must_arrive:
            is_there = one.scan_id in names[one.tag] if one.scan_id else False
            assert is_there or self._is_refused(one, refused), one

    def _is_refused(self, one: Kept, refused: set[str]) -> bool:
        """A book that was damaged itself may have lost what it held."""
        return REFUSED in self.spoiled or any(one.tag in text for text in refused)

    def _take(self, spool: Spool) -> None:
        first, safe = spool._scans.last + 1, spool._scans.last  # noqa: SLF001  not a question that an agent has
        lines = [self._line(first + at) for at in range(self.chance.randint(1, 3))]
        taken = [Stamp({"step": "OBSERVE"})(Line(line)) for line, _ in lines]
        spool.take(taken)
        salts = [read_head(bytes(self.disk.bytes_of(one.file))) for one in list_segments(self.disk, FOLDER / SCANS)]
        salt = salts[-1]
        assert salt is not None
        found = [one for one in spool._scans.read(safe, len(lines)) if isinstance(one, Entry)]  # noqa: SLF001
        for one, (_, tag), scan in zip(found, lines, taken, strict=True):
            data = build_entry(salt.salt, one.number, one.text, safe=safe)
            name = json.loads(scan.body)["scan_id"] if scan.is_scan else None
            self.kept.append(Kept(one.number, data, safe, name, tag))

    def _line(self, number: int) -> tuple[bytes, str]:
        kind, tag = self.chance.choice(_KINDS), f"<{number}-{self.chance.randrange(10**9)}>"
        if kind == "{no scan":
            return f"{kind} {tag}".encode(), tag
        return json.dumps({"code": kind, "tag": tag}).encode(), tag

    def _agent(self, spool: Spool) -> tuple[Sender, Judge]:
        report = Report(FOLDER, lambda _: None)
        sender = Sender(spool, self.capture, report, most_scans=self.chance.choice((1, 2, 5)), clock=self.clock)
        return sender, Judge(spool, self.capture, report, clock=self.clock, now=lambda: now_ms() + 1000)

    def _whole_in(self, data: bytes) -> Iterator[Kept]:
        """Yield the lines whose bytes are there, before those of every later one: a copy behind them is no line."""
        following = len(data)
        for one in reversed(self.kept if read_head(data) else []):
            if 0 <= (place := data.find(one.data)) < following:
                following = place
                yield one

    def _is_torn(self, line: Kept, whole: list[Kept], first: int) -> bool:
        """Tell whether a line of the last segment stands behind a number that nothing shows to have been there."""
        safe = int(read_cursor(self.disk, FOLDER / CURSOR).get("sent", 0)) if self._has_cursor() else 0
        there = {one.number for one in whole}
        shown = max([safe, *(one.safe for one in whole if one.number >= first)])
        return any(number not in there and number > shown for number in range(first, line.number))

    def _has_cursor(self) -> bool:
        return CURSOR in self.disk.names(FOLDER)


def spoil(data: bytearray, chance: random.Random) -> None:
    """Change a file: a bit, a stretch of zeros or noise, its end cut off, bytes put in or taken out, or more behind."""
    at = chance.randrange(len(data) + 1)
    end = min(len(data), at + chance.choice((1, 4, 30, 500, 5000)))
    match chance.choice(("bit", "zeros", "noise", "cut", "in", "out", "behind", "again")):
        case "bit" if at < len(data):
            data[at] ^= 1 << chance.randrange(8)
        case "zeros":
            data[at:end] = bytes(end - at)
        case "noise":
            data[at:end] = chance.randbytes(end - at)
        case "cut":
            del data[at:]
        case "in":
            data[at:at] = chance.randbytes(chance.choice((1, 3, 24)))
        case "out":
            del data[at:end]
        case "behind":
            data += chance.randbytes(chance.choice((1, 100)))
        case _:
            data[at:at] = data[at:end]
