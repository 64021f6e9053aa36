"""Named places at which a process can be made to die, so that tests force the moments that chance seldom hits.

    fault = arm(os.environ.get("SCANLEDGER_FAULT", ""))   # once, where the process starts
    fault("sink.between_tables")                           # SIGKILL here, if that is what was asked for

`NAME` dies at the first pass, `NAME:3` at the third; several are separated by commas.
"""

import os
import signal
from collections.abc import Callable
from typing import Literal, get_args

from pipeline.errors import SettingsWrong

Place = Literal[
    "worker.between_commit_and_store",
    "worker.takeover",
    "worker.recovery",
    "sink.between_tables",
    "sink.between_insert_and_mark",
    "sink.between_mark_and_offset",
    "sink.takeover",
    "capture.between_receipt_and_send",
    "capture.between_send_and_answer",
    "notify.between_outbox_and_offset",
    "notify.between_answer_and_outbox",
    "agent.between_disk_and_word",
    "agent.between_answer_and_cursor",
]
Fault = Callable[[Place], None]


def never(_: Place) -> None:
    """Pass every place alive."""


def arm(wanted: str) -> Fault:
    """Return the fault that kills this process at the places named, or `never`.

    Raises:
        SettingsWrong: a name is not one of the places, or its pass is no number from 1.
    """
    left = dict(_parsed(one) for one in wanted.split(",") if one)
    if not left:
        return never

    def fault(place: Place) -> None:
        if place in left:
            left[place] -= 1
            if left[place] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return fault


def _parsed(one: str) -> tuple[str, int]:
    name, _, passes = one.partition(":")
    if name not in get_args(Place) or not (passes or "1").isdigit() or int(passes or "1") < 1:
        message = f"SCANLEDGER_FAULT: {one!r} is not PLACE or PLACE:PASS; places are {', '.join(get_args(Place))}"
        raise SettingsWrong(message)
    return name, int(passes or "1")
