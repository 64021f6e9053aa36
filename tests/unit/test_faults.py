"""Fault points: nothing by default, SIGKILL at the pass asked for."""

import signal
import subprocess
import sys

import pytest

from pipeline.errors import SettingsWrong
from pipeline.faults import arm, never

_THREE_PASSES = """
from pipeline.faults import arm
fault = arm({wanted!r})
for turn in (1, 2, 3):
    print(turn, flush=True)
    fault("sink.between_tables")
    fault("sink.takeover")
"""


def _run(wanted: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", _THREE_PASSES.format(wanted=wanted)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_nothing_is_armed_by_default() -> None:
    assert arm("") is never
    never("sink.takeover")


def test_the_process_dies_at_the_pass_asked_for() -> None:
    died = _run("sink.between_tables:2")
    assert died.returncode == -signal.SIGKILL
    assert died.stdout.split() == ["1", "2"]


def test_the_first_of_several_kills() -> None:
    died = _run("sink.between_tables:3,sink.takeover")
    assert died.stdout.split() == ["1"]


def test_places_not_named_are_passed_alive() -> None:
    assert _run("worker.takeover").returncode == 0


@pytest.mark.parametrize("wrong", ["sink.lunch", "sink.takeover:0", "sink.takeover:soon"])
def test_a_place_that_does_not_exist_is_refused(wrong: str) -> None:
    with pytest.raises(SettingsWrong, match="SCANLEDGER_FAULT"):
        arm(wrong)
