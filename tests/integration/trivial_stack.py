"""A stack of trivial children, run as a program: python -m tests.integration.trivial_stack HOME PLAN.

Plans: "good", "dies" (a child ends while starting), "task-fails", "silent" (a child that never answers), "lags" (a
child that answers long before it is at work).
"""

import sys
from collections.abc import Callable
from pathlib import Path

from pipeline.errors import LocalStackUnusable
from pipeline.local.checks import Check
from pipeline.local.home import StackHome
from pipeline.local.processes import Child
from pipeline.local.stack import supervise
from pipeline.local.supervisor import Stage, Task

_SERVER = """
import http.server, sys
http.server.test(http.server.SimpleHTTPRequestHandler, port=int(sys.argv[1]), bind="127.0.0.1")
"""


def trivial_child(name: str, port: int, *, stop_rank: int = 0, code: str = _SERVER) -> Child:
    command = (sys.executable, "-c", code, str(port))
    return Child(name, command, Check("http", port, "/"), stop_rank=stop_rank, stop_seconds=5.0)


def plan(kind: str, ports: dict[str, int]) -> list[Stage]:
    worker_code = {"dies": "raise SystemExit('no luck today')", "silent": "import time; time.sleep(600)"}
    task = "raise SystemExit('cannot create')" if kind == "task-fails" else "print('done')"
    return [
        Stage((trivial_child("store", ports["store"], stop_rank=1),), (Task("make", (sys.executable, "-c", task)),)),
        Stage((trivial_child("worker", ports["worker"], code=worker_code.get(kind, _SERVER)),), lagging=lags(kind)),
    ]


def lags(kind: str) -> Callable[[], list[str]]:
    """Says once of a child that answers that it is not at work yet."""
    names = ["worker"] if kind == "lags" else []

    def lagging() -> list[str]:
        if names:
            say(f"{names[0]} is not at work yet")
            return [names.pop()]
        return []

    return lagging


def say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


def main() -> None:
    home = StackHome(Path(sys.argv[1]))
    home.create()
    try:
        supervise(home, lambda: plan(sys.argv[2], home.ports(["store", "worker"])), say)
    except LocalStackUnusable as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
