"""A stack seen from outside its supervisor: launch it, ask how it feels, take it down, read its logs."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from types import FrameType
from typing import Any

import psutil

from pipeline.errors import LocalStackUnusable
from pipeline.local.checks import Check, ask
from pipeline.local.home import StackHome
from pipeline.local.processes import Recorded, find, stop
from pipeline.local.supervisor import Stage, Supervisor

Say = Callable[[str], None]

_POLL_SECONDS = 0.1
_SPARE_SECONDS = 30.0
_launched: list[subprocess.Popen[bytes]] = []  # kept: a Popen dropped while its process runs warns


def supervise(home: StackHome, stages: Callable[[], Sequence[Stage]], say: Say) -> None:
    """Runs a stack in this process until SIGTERM or SIGINT.

    Args:
        home: Where it lives.
        stages: Makes the plan, once this process has the home for itself and nothing of a former stack runs.
        say: Told what happens.

    Raises:
        LocalStackUnusable: Another supervisor runs in this home, or a part could not be started.
    """
    home.create()
    lock = home.lock()
    if lock is None:
        message = f"A stack already runs in {home.folder}; see scanledger status, or use another folder with --home."
        raise LocalStackUnusable(message)
    # Until the supervisor takes the signals: leave by an exception, which also ends what the plan is running.
    signal.signal(signal.SIGTERM, _leave)
    with lock:
        _sweep(home)
        Supervisor(home, stages(), say).run()


def launch(home: StackHome, command: Sequence[str], say: Say) -> None:
    """Starts the command that supervises this home as a process of its own; returns when everything answers.

    An interruption (Ctrl-C, SIGTERM) takes down what had been started.

    Raises:
        LocalStackUnusable: The stack did not come up; the message says which part and why.
    """
    log_file = home.log_file("supervisor")
    with log_file.open("ab") as log:
        said = log.tell()
        supervisor = subprocess.Popen(  # noqa: S603
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
    _launched.append(supervisor)
    former = signal.signal(signal.SIGTERM, _leave)
    try:
        while (state := _state(home, supervisor.pid)) != "ready":
            if state == "failed":
                supervisor.wait()
                raise LocalStackUnusable(home.run()["error"])
            said = _relay(log_file, said, say)
            if supervisor.poll() is not None:
                raise LocalStackUnusable(_last_words(log_file))
            time.sleep(_POLL_SECONDS)
        _relay(log_file, said, say)
    except (KeyboardInterrupt, SystemExit):
        supervisor.terminate()
        supervisor.wait()
        take_down(home, say)
        raise
    finally:
        signal.signal(signal.SIGTERM, former)


def is_running(home: StackHome) -> bool:
    """Says whether a supervisor lives in this home."""
    return _supervisor(home.run()) is not None


def take_down(home: StackHome, say: Say) -> None:
    """Stops the supervisor and, in order, every child it left behind; nothing runs afterwards."""
    run = home.run()
    supervisor = _supervisor(run)
    if supervisor is not None:
        log_file = home.log_file("supervisor")
        said = log_file.stat().st_size if log_file.exists() else 0
        patience = sum(child["stop_seconds"] for child in run["children"]) + _SPARE_SECONDS
        deadline = time.monotonic() + patience
        supervisor.terminate()
        record = Recorded(**run["supervisor"])
        while find(record) and time.monotonic() < deadline:
            said = _relay(log_file, said, say)
            time.sleep(_POLL_SECONDS)
        _relay(log_file, said, say)
        stop([record], 0.0)
    _sweep(home)


def status(home: StackHome) -> list[dict[str, Any]]:
    """Returns one row per part: name, state, pid, port, restarts, health, uptime_seconds."""
    run = home.run()
    supervised = _supervisor(run) is not None
    return [_status_row(child, supervised=supervised) for child in run.get("children", [])]


def tail(file: Path, lines: int) -> list[str]:
    """Returns the last lines of a log, none where it does not exist."""
    if not file.exists():
        return []
    return file.read_text(errors="replace").splitlines()[-lines:]


def follow(files: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    """Returns an endless iterator over every line appended to the logs from now on, with the file it came from."""
    return _appended({file: file.stat().st_size if file.exists() else 0 for file in files})


def _appended(positions: dict[Path, int]) -> Iterator[tuple[Path, str]]:
    while True:
        for file, position in positions.items():
            fresh: list[str] = []
            positions[file] = _relay(file, position, fresh.append)
            yield from ((file, line) for line in fresh)
        time.sleep(_POLL_SECONDS)


def _leave(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)


def _state(home: StackHome, pid: int) -> str:
    """Returns the state this supervisor wrote; nothing while run.json is still that of a former one."""
    run = home.run()
    return str(run["state"]) if run.get("supervisor", {}).get("pid") == pid else ""


def _last_words(log_file: Path) -> str:
    return "The supervisor ended: " + " ".join(tail(log_file, 3)).removeprefix("scanledger: ")


def _supervisor(run: dict[str, Any]) -> psutil.Process | None:
    record = run.get("supervisor")
    return find(Recorded(**record)) if record else None


def _sweep(home: StackHome) -> None:
    """Stops, in order, children whose supervisor was killed."""
    run = home.run()
    children = sorted(run.get("children", []), key=lambda child: child["stop_rank"])
    for _rank, together in groupby(children, key=lambda child: child["stop_rank"]):
        group = list(together)
        records = [Recorded(child["pid"], child["started"]) for child in group]
        stop(records, max(child["stop_seconds"] for child in group))
    if children:
        home.write_run({**run, "state": "stopped", "children": []})


def _status_row(child: dict[str, Any], *, supervised: bool) -> dict[str, Any]:
    running = find(Recorded(child["pid"], child["started"])) is not None
    states = {(True, True): "running", (True, False): "orphaned", (False, True): "restarting", (False, False): "dead"}
    return {
        "name": child["name"],
        "state": states[running, supervised],
        "pid": child["pid"] if running else None,
        "port": child["check"]["port"],
        "restarts": child["restarts"],
        "health": ask(Check(**child["check"])) if running else "down",
        "uptime_seconds": round(time.time() - child["started"]) if running else 0,
    }


def _relay(file: Path, position: int, say: Say) -> int:
    """Says every whole line after the position; returns the position behind them."""
    if not file.exists():
        return position
    with file.open("rb") as log:
        if log.seek(0, 2) < position:
            position = 0  # the log was cut
        log.seek(position)
        fresh = log.read()
    whole = fresh[: fresh.rfind(b"\n") + 1]
    for line in whole.decode(errors="replace").splitlines():
        say(line)
    return position + len(whole)
