"""How far a spool has come, in a file that is written in place and never half.

    file = slot A (4,096 bytes), slot B (4,096 bytes)
    slot = length (u32), crc (u32), JSON {"generation": …, …}, zeros

The slots are written in turn and synced, so a crash spoils at most the one that was being written, and the other holds
the state before it. A file of a fixed size needs no room on a full disk, where a new file beside it would: that is when
the spool must be able to say what it has got rid of.
"""

import json
import struct
import zlib
from pathlib import Path
from typing import Any, Final

from pipeline.agent.disk import Disk

_SLOT: Final = 4096
_SIZE: Final = 2 * _SLOT
_HEAD: Final = struct.Struct("<II")

State = dict[str, Any]


class Cursor:
    """The newest state that was kept, and the way to keep the next."""

    def __init__(self, disk: Disk, file: Path) -> None:
        """Open the file, or make it.

        Raises: OSError.
        """
        self._disk = disk
        self._handle = disk.open(file) if file.name in disk.names(file.parent) else disk.create(file)
        self.state = _newest(disk, self._handle)
        if (size := disk.size(self._handle)) < _SIZE:
            disk.write(self._handle, bytes(_SIZE - size), size)
        disk.sync(self._handle)
        disk.sync_folder(file.parent)

    def keep(self, **changes: Any) -> None:  # noqa: ANN401  JSON
        """Change the state; it is on disk when this returns.

        Raises: OSError with the state as it was.
        """
        state = {**self.state, **changes, "generation": self.state.get("generation", 0) + 1}
        text = json.dumps(state).encode()
        slot = _HEAD.pack(len(text), zlib.crc32(text)) + text
        assert len(slot) <= _SLOT
        self._disk.write(self._handle, slot.ljust(_SLOT, b"\0"), state["generation"] % 2 * _SLOT)
        self._disk.sync(self._handle)
        self.state = state

    def close(self) -> None:
        """Close the file."""
        self._disk.close(self._handle)


def read_cursor(disk: Disk, file: Path) -> State:
    """Return the state that another process may be keeping; empty where there is none."""
    handle = disk.open(file)
    try:
        return _newest(disk, handle)
    finally:
        disk.close(handle)


def _newest(disk: Disk, handle: int) -> State:
    slots = (_read_slot(disk.read(handle, at, _SLOT)) for at in range(0, _SIZE, _SLOT))
    return max((state for state in slots if state), key=lambda state: int(state["generation"]), default={})


def _read_slot(slot: bytes) -> State:
    if len(slot) < _HEAD.size:
        return {}
    length, crc = _HEAD.unpack_from(slot)
    text = slot[_HEAD.size : _HEAD.size + length]
    if not length or len(text) != length or crc != zlib.crc32(text):
        return {}
    state: State = json.loads(text)
    return state
