"""The HTTP way in on a port of this process, without Kafka: what is sent is a list, what is decided follows from it."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvicorn

from pipeline.capture.http.questions import Asked, Row
from tests.http_house import KeptRows, ListedLog, Opened, opened

SKEW_MS = 600_000


class DecidingRows(KeptRows):
    """A warehouse that decides every scan of a log as the ledger's contract does: too far ahead, known, or new."""

    def __init__(self, log: ListedLog) -> None:
        super().__init__()
        self._log = log
        self.is_behind = False
        """Nothing is decided yet."""

    def rows_of(self, receipt: str) -> list[Row]:
        known: set[str] = set()
        found = []
        for scan in [] if self.is_behind else self._log.scans:
            name, _, place = str(scan["receipt"]).partition("/")
            outcome = _decided(scan, known)
            if name == receipt:
                found.append(_row(scan, int(place), *outcome))
        return found

    def counts(self, asked: Asked) -> dict[str, int]:
        self._answer()
        outcomes = [row["outcome"] for row in self.rows_of(asked.receipt)]
        return {outcome: outcomes.count(outcome) for outcome in set(outcomes)}

    def scans(self, asked: Asked, after: int, most: int) -> list[Row]:
        self._answer()
        return [row for row in self.rows_of(asked.receipt) if row["place"] > after][:most]


class ServedHouse:
    """A house on a port; `stop` and `start` cut its network."""

    def __init__(self, house: Opened) -> None:
        self.house = house
        self.rows = DecidingRows(house.log)
        object.__setattr__(house.house, "questions", self.rows)
        self.key = house.key()
        self.is_stopped = True
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def scans(self) -> list[dict[str, Any]]:
        """What is on the log."""
        return self.house.log.scans

    def start(self) -> None:
        """Answer; returns when it does."""
        if not self.is_stopped:
            return
        config = uvicorn.Config(self.house.app, port=self.port, lifespan="off", log_config=None, http="httptools")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=lambda: asyncio.run(self._server.serve()))
        self._thread.start()
        deadline = time.monotonic() + 30
        while not self._server.started:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        self.is_stopped = False

    def stop(self) -> None:
        """Be gone, as a server is whose network is cut: connections break."""
        if self.is_stopped:
            return
        self.is_stopped = True
        self._server.should_exit = self._server.force_exit = True
        self._thread.join()


@contextmanager
def served(home: Path) -> Iterator[ServedHouse]:
    """Serve a house for the length of the block."""
    with opened(home) as house:
        serving = ServedHouse(house)
        try:
            yield serving
        finally:
            serving.stop()


def _decided(scan: dict[str, Any], known: set[str]) -> tuple[str, str]:
    if scan["event_time"] > scan["capture_time"] + SKEW_MS:
        return "REJECTED", "FUTURE_TIME"
    if scan["scan_id"] in known:
        return "REPEATED", "REDELIVERED"
    known.add(scan["scan_id"])
    return "ACCEPTED", "NONE"


def _row(scan: dict[str, Any], place: int, outcome: str, reason: str) -> Row:
    when = datetime.fromtimestamp(scan["event_time"] / 1000, UTC)
    return {
        "place": place, "scan_id": scan["scan_id"], "unit_key": f"{scan['item']}/{scan['serial']}",
        "step": scan["step"], "site": scan["site"], "outcome": outcome, "reason": reason, "state_before": "NONE",
        "state_after": "NONE", "previous_site": None, "event_time": when, "previous_event_time": None, "sold_at": None,
    }  # fmt: skip
