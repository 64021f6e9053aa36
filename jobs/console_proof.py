"""The proof as the console runs it: `scanledger verify` in a process of its own, what it says read as it comes."""

import json
import subprocess
import sys
import threading
import time
from typing import IO, Any, Final

from analytics.console.outside import ProofState

_COMMAND: Final = (sys.executable, "-m", "jobs", "verify", "--json")
_KEPT: Final = 20
_END: Final = 400


class VerbProofs:
    """Runs the verb; several threads may ask."""

    def __init__(self, command: tuple[str, ...] = _COMMAND) -> None:
        self._command = command
        self._lock = threading.Lock()
        self._state = ProofState()
        self._process: subprocess.Popen[str] | None = None

    def state(self) -> ProofState:
        """Return how far it is."""
        with self._lock:
            return self._state

    def begin(self, author: str) -> None:
        """Begin it; nothing where it runs. That it cannot be started is its fault, and it can be begun again."""
        with self._lock:
            if self._state.running:
                return
            began = ProofState(author=author, began_ms=_now())
            try:
                self._process = self._started()
            except OSError as error:
                self._state = began._replace(ended_ms=_now(), fault=f"it cannot be started: {error.strerror or error}")
                return
            self._state = began._replace(running=True)
        threading.Thread(target=self._follow, args=(self._process,), name="proof", daemon=True).start()

    def close(self) -> None:
        """End a proof that runs."""
        process = self._process
        if process is not None and process.poll() is None:
            process.terminate()
            process.wait()

    def _started(self) -> "subprocess.Popen[str]":
        return subprocess.Popen(  # noqa: S603  our own verb
            self._command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def _follow(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        assert process.stderr is not None
        remarks = threading.Thread(target=self._listen, args=(process.stderr,), name="proof's remarks", daemon=True)
        remarks.start()
        with process:
            told = process.stdout.read()
            remarks.join()
        with self._lock:
            self._state = self._state._replace(running=False, ended_ms=_now(), **_result(told, self._state.said))

    def _listen(self, stream: IO[str]) -> None:
        for line in stream:
            with self._lock:
                said = (*self._state.said, line.strip())[-_KEPT:]
                self._state = self._state._replace(said=said)


def _result(told: str, said: tuple[str, ...]) -> dict[str, Any]:
    """Return what the verb found, or why it could not: then what it said last."""
    try:
        found = json.loads(told)
        return {"ok": bool(found["ok"]), "checks": tuple(found["checks"])}
    except (ValueError, KeyError, TypeError):
        return {"fault": " ".join(said)[-_END:] or "it ended without an answer"}


def _now() -> int:
    return time.time_ns() // 1_000_000
