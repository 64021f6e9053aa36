"""A disk in memory that can be full, can break, and can lose its power: what was not synced survives or not, in parts.

It is as unkind as POSIX allows: after a power loss each write since the last sync may be there, be there in part, or be
garbage, whatever became of those before it; each name made, moved or removed since the folder's last sync likewise.
"""

import errno
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

Change = Callable[[bytearray], None]


class PowerLost(BaseException):
    """Nothing of the process runs after this."""


@dataclass
class Node:
    """A file: its bytes as the process sees them, as they are safe, and the changes between the two."""

    seen: bytearray = field(default_factory=bytearray)
    safe: bytearray = field(default_factory=bytearray)
    unsafe: list[Change] = field(default_factory=list)
    doubtful: list[Change] = field(default_factory=list)
    """Changes whose sync failed: they may be on disk, and a later sync that returns says nothing of them."""


@dataclass
class Names:
    """A folder: its names as seen, as they are safe, and the changes between the two."""

    seen: dict[str, Node] = field(default_factory=dict)
    safe: dict[str, Node] = field(default_factory=dict)
    unsafe: list[Callable[[dict[str, Node]], object]] = field(default_factory=list)


class MemoryDisk:
    """A pipeline.agent.disk.Disk; `steps_left` counts down to the loss of power, `faults` are errno by step."""

    def __init__(self) -> None:
        self.folders: dict[Path, Names] = {}
        self.steps = 0
        self.power_off_at: int | None = None
        self.faults: dict[int, int] = {}
        self.room: int | None = None
        self.journal: list[str] = []
        self._open: dict[int, Node] = {}

    def make_folder(self, folder: Path) -> None:
        self.folders.setdefault(folder, Names())

    def names(self, folder: Path) -> list[str]:
        return sorted(self.folders[folder].seen)

    def create(self, file: Path) -> int:
        self._step("create", file.name)
        names = self.folders[file.parent]
        if file.name in names.seen:
            raise FileExistsError(errno.EEXIST, "File exists", str(file))
        node = Node()
        self._rename(names, lambda of: of.update({file.name: node}))
        return self._handle(node)

    def open(self, file: Path) -> int:
        node = self.folders[file.parent].seen.get(file.name)
        if node is None:
            raise FileNotFoundError(errno.ENOENT, "No such file or directory", str(file))
        return self._handle(node)

    def close(self, handle: int) -> None:
        del self._open[handle]

    def size(self, handle: int) -> int:
        return len(self._open[handle].seen)

    def read(self, handle: int, offset: int, size: int) -> bytes:
        return bytes(self._open[handle].seen[offset : offset + size])

    def write(self, handle: int, data: bytes, offset: int) -> None:
        node = self._open[handle]
        part = len(data) // 2
        try:
            self._step("write", str(len(data)))
        except (OSError, PowerLost):
            self._change(node, _written(data[:part], offset))
            raise
        grown = offset + len(data) - len(node.seen)
        if self.room is not None and grown > self.room:
            self._change(node, _written(data[: len(data) - grown + self.room], offset))
            self.room = 0
            raise OSError(errno.ENOSPC, "No space left on device")
        if self.room is not None:
            self.room -= max(grown, 0)
        self._change(node, _written(data, offset))

    def truncate(self, handle: int, size: int) -> None:
        self._step("truncate", str(size))
        node = self._open[handle]
        if self.room is not None:
            self.room += max(len(node.seen) - size, 0)
        self._change(node, _cut(size))

    def sync(self, handle: int) -> None:
        node = self._open[handle]
        try:
            self._step("sync", "")
        except OSError:
            node.doubtful += node.unsafe
            node.unsafe = []
            raise
        for change in node.unsafe:
            change(node.safe)
        node.unsafe, node.doubtful = [], []

    def sync_folder(self, folder: Path) -> None:
        self._step("sync_folder", folder.name)
        names = self.folders[folder]
        names.safe, names.unsafe = dict(names.seen), []

    def replace(self, source: Path, target: Path) -> None:
        self._step("replace", target.name)
        names = self.folders[source.parent]
        node, replaced = names.seen[source.name], names.seen.get(target.name)
        if self.room is not None and replaced is not None:
            self.room += len(replaced.seen)
        self._rename(names, lambda of: (of.pop(source.name, None), of.update({target.name: node})))

    def remove(self, file: Path) -> None:
        names = self.folders[file.parent]
        if file.name not in names.seen:
            raise FileNotFoundError(errno.ENOENT, "No such file or directory", str(file))
        self._step("remove", file.name)
        if self.room is not None:
            self.room += len(names.seen[file.name].seen)
        self._rename(names, lambda of: of.pop(file.name, None))

    def after_power_loss(self, chance: random.Random) -> "MemoryDisk":
        """Returns the disk as it may be found when the power is back."""
        found = MemoryDisk()
        kept: dict[int, Node] = {}
        for folder, names in self.folders.items():
            there = dict(names.safe)
            for change in names.unsafe:
                if chance.random() < 0.5:
                    change(there)
            nodes = {name: kept.setdefault(id(node), _survivor(node, chance)) for name, node in there.items()}
            found.folders[folder] = Names(dict(nodes), dict(nodes))
        return found

    def after_kill(self) -> "MemoryDisk":
        """Returns the same disk for the next process: what the dead one wrote is there, though not safe yet."""
        self.power_off_at, self._open = None, {}
        return self

    def bytes_of(self, file: Path) -> bytearray:
        """Returns the bytes of a file, to be changed by who damages it."""
        return self.folders[file.parent].seen[file.name].seen

    def _step(self, what: str, of: str) -> None:
        self.steps += 1
        self.journal.append(f"{what} {of}".strip())
        if self.power_off_at is not None and self.steps >= self.power_off_at:
            raise PowerLost
        if code := self.faults.get(self.steps):
            raise OSError(code, errno.errorcode[code])

    def _handle(self, node: Node) -> int:
        handle = max(self._open, default=2) + 1
        self._open[handle] = node
        return handle

    @staticmethod
    def _change(node: Node, change: Change) -> None:
        change(node.seen)
        node.unsafe.append(change)

    @staticmethod
    def _rename(names: Names, change: Callable[[dict[str, Node]], object]) -> None:
        change(names.seen)
        names.unsafe.append(change)


def _written(data: bytes, offset: int) -> Change:
    def change(file: bytearray) -> None:
        file.extend(bytes(max(offset - len(file), 0)))
        file[offset : offset + len(data)] = data

    return change


def _cut(size: int) -> Change:
    def change(file: bytearray) -> None:
        del file[size:]

    return change


def _survivor(node: Node, chance: random.Random) -> Node:
    """Returns what is left of a file: some of the unsafe changes, parts of others, garbage in place of others."""
    left = bytearray(node.safe)
    for change in [*node.doubtful, *node.unsafe]:
        fate = chance.choice(["kept", "lost", "half", "garbage", "hole"])
        if fate == "lost":
            continue
        before = bytes(left)
        change(left)
        begin, end = _changed(before, left)
        if fate != "kept" and begin < end:
            cut = chance.randrange(begin, end)
            to = chance.randrange(cut, end) if fate == "hole" else end
            left[cut:to] = before[cut:to] if fate == "half" else chance.randbytes(to - cut)
    return Node(bytearray(left), bytearray(left))


def _changed(before: bytes, after: bytearray) -> tuple[int, int]:
    """Returns where two contents of a file begin and end to differ; a file that was cut differs nowhere."""
    differs = [at for at in range(len(after)) if at >= len(before) or before[at] != after[at]]
    return (differs[0], differs[-1] + 1) if differs else (0, 0)
