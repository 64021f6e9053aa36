"""An agent put together and run until its source has ended or a signal tells it to end."""

import contextlib
import json
import logging
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jobs.process_log import keep_log
from jobs.told_to_end import when_told_to_end
from pipeline.agent.agent import Acknowledge, Agent, Parts, Patience
from pipeline.agent.client import Capture
from pipeline.agent.disk import RealDisk
from pipeline.agent.judge import Judge
from pipeline.agent.key import ApiKey
from pipeline.agent.lines import Source
from pipeline.agent.lock import SpoolLock
from pipeline.agent.report import Report, Say
from pipeline.agent.requests import Requests
from pipeline.agent.sender import Sender
from pipeline.agent.spool import Spool
from pipeline.agent.stamp import Stamp
from pipeline.agent.taken import Taken
from pipeline.faults import arm

_LOG = logging.getLogger("pipeline.agent")


@dataclass(frozen=True)
class Wanted:
    """What a person asked for; `source` is opened with the spool, which knows what it has read."""

    spool: Path
    url: str
    key: ApiKey
    fixed: Mapping[str, Any]
    source: Callable[[Spool, Say], Source]
    most_scans: int
    patience: Patience
    acknowledges: bool


def run(wanted: Wanted) -> None:
    """Run an agent.

    Raises: SpoolInUse, SpoolUnusable, SourceUnusable, SettingsWrong, CaptureRefused.
    """
    keep_log()
    capture = Capture(wanted.url, wanted.key)
    wanted.key()  # a key that is missing is said before lines are taken
    fault = arm(os.environ.get("SCANLEDGER_FAULT", ""))
    with (
        contextlib.closing(SpoolLock(wanted.spool)),
        contextlib.closing(Spool(RealDisk(), wanted.spool)) as spool,
        contextlib.closing(capture),
    ):
        report = Report(wanted.spool, lambda message: _LOG.info("%s", message))
        if not capture.is_private:
            report.say(f"{capture.name} is no https: who listens on the way can read the API key.")
        parts = Parts(
            spool=spool,
            stamp=Stamp(wanted.fixed),
            sender=Sender(spool, capture, report, most_scans=wanted.most_scans, key=wanted.key, fault=fault),
            judge=Judge(spool, capture, report),
            requests=Requests(spool, report),
            report=report,
            hang_up=capture.hang_up,
        )
        agent = Agent(parts, wanted.source(spool, report.say), _told(wanted), wanted.patience, fault)
        when_told_to_end(agent.stop, only_once=True)
        if spool.waiting:
            report.say(f"{spool.waiting:,} lines wait from before.")
        agent.run()


def _told(wanted: Wanted) -> Acknowledge:
    """Return what is told of lines on disk: on standard output, where that was asked for, until nobody listens."""
    is_heard = wanted.acknowledges

    def acknowledge(last: int, lines: Sequence[Taken]) -> None:
        nonlocal is_heard
        if not is_heard:
            return
        try:
            for number, line in enumerate(lines, last - len(lines) + 1):
                if line.body or line.fault:
                    sys.stdout.write(json.dumps(_acknowledgement(number, line)) + "\n")
            sys.stdout.flush()
        except OSError:
            is_heard = False

    return acknowledge


def _acknowledgement(number: int, line: Taken) -> dict[str, Any]:
    if line.fault is not None:
        return {"line": number, "scan_id": None, "fault": line.fault.reason}
    return {"line": number, "scan_id": json.loads(line.body)["scan_id"], "fault": None}
