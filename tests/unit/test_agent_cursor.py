"""A cursor is never half: after a power loss at any step it says what was kept last, or what was just being kept."""

import errno
import random
from pathlib import Path

import pytest

from pipeline.agent.cursor import Cursor, read_cursor
from tests.agent_disk import MemoryDisk, PowerLost

FILE = Path("/spool/cursor")


def a_disk() -> MemoryDisk:
    disk = MemoryDisk()
    disk.make_folder(FILE.parent)
    return disk


def test_a_new_cursor_knows_nothing_and_a_kept_one_is_read_back_by_anyone() -> None:
    disk = a_disk()
    cursor = Cursor(disk, FILE)
    assert cursor.state == {}
    cursor.keep(sent=3)
    cursor.keep(judged=2)
    for state in (cursor.state, Cursor(disk, FILE).state, read_cursor(disk, FILE)):
        assert (state["sent"], state["judged"]) == (3, 2)


@pytest.mark.parametrize("seed", range(20))
def test_a_power_loss_at_any_step_leaves_the_last_state_or_the_one_being_kept(seed: int) -> None:
    for step in range(1, 25):
        disk, kept = a_disk(), 0
        disk.power_off_at = step
        with pytest.raises(PowerLost):
            for _ in range(2):
                cursor = Cursor(disk, FILE)
                for _ in range(6):
                    cursor.keep(sent=kept + 1)
                    kept += 1
        found = disk.after_power_loss(random.Random(f"{seed} {step}"))  # noqa: S311  no secret
        again = Cursor(found, FILE)
        assert again.state.get("sent", 0) in (kept, kept + 1)
        again.keep(sent=99)
        assert Cursor(found.after_power_loss(random.Random(seed)), FILE).state["sent"] == 99  # noqa: S311


def test_a_state_that_could_not_be_kept_is_not_said_to_be() -> None:
    disk = a_disk()
    cursor = Cursor(disk, FILE)
    cursor.keep(sent=1)
    for fault in (1, 2):
        disk.faults = {disk.steps + fault: errno.EIO}
        with pytest.raises(OSError, match="EIO"):
            cursor.keep(sent=2)
        assert cursor.state["sent"] == 1
    cursor.keep(sent=3)
    assert Cursor(disk.after_power_loss(random.Random(1)), FILE).state["sent"] == 3  # noqa: S311  no secret


def test_a_full_disk_still_keeps_a_cursor() -> None:
    disk = a_disk()
    cursor = Cursor(disk, FILE)
    disk.room = 0
    for sent in range(4):
        cursor.keep(sent=sent)
    assert Cursor(disk, FILE).state["sent"] == 3


@pytest.mark.parametrize("slot", [0, 4096])
def test_one_spoiled_slot_leaves_the_other(slot: int) -> None:
    disk = a_disk()
    cursor = Cursor(disk, FILE)
    cursor.keep(sent=1)
    cursor.keep(sent=2)
    disk.bytes_of(FILE)[slot + 9] ^= 1
    assert Cursor(disk, FILE).state["sent"] in (1, 2)
