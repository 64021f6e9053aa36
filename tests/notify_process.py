"""notify as a process for tests: its routes, alerts that are sent to it, and its verbs."""

import json
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipeline.settings import Settings
from pipeline.wire.schemas import encode
from tests.receiver import SECRET
from tests.unit.notify.telling import a_record
from tests.worker.running import ROOT, environment, send, wait_for

_PATIENCE_SECONDS = 150.0


class Notifying:
    """A ledger's notify, started and killed as often as one likes."""

    def __init__(self, settings: Settings, routes: str, port: int) -> None:
        """Write the routes, with `PORT` and `SECRET` in them as they are here."""
        self.settings = settings
        self.file = settings.home / "routes.toml"
        self.file.write_text(routes.replace("PORT", str(port)).replace("SECRET", SECRET))
        tomllib.loads(self.file.read_text())
        self.log = settings.home / "notify.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        told = environment(self.settings, SCANLEDGER_ROUTES=str(self.file))
        known = {
            "CLICKHOUSE_URL": self.settings.clickhouse_url,
            "CLICKHOUSE_USER": self.settings.clickhouse_user,
            "CLICKHOUSE_PASSWORD": self.settings.clickhouse_password.get_secret_value(),
            "CLICKHOUSE_DATABASE": self.settings.clickhouse_database,
        }
        return told | known

    def start(self, fault: str = "") -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "jobs", "notify"], env=self.environment | {"SCANLEDGER_FAULT": fault}, cwd=ROOT,
                stdout=log, stderr=log,
            )  # fmt: skip
        return self._process

    @contextmanager
    def running(self) -> Iterator[None]:
        """Has it run as long as the block does, and end gracefully."""
        begun = self._begun()
        process = self.start()
        try:
            wait_for(lambda: self._begun() > begun)  # what ends before it has begun does not end gracefully
            yield
            process.terminate()
            assert process.wait(_PATIENCE_SECONDS) == 0, self.log.read_text()
        finally:
            process.kill()
            process.wait()

    def _begun(self) -> int:
        """Returns how often it has begun to tell."""
        return self.log.read_text().count("telling of alerts") if self.log.exists() else 0

    def dies(self, fault: str) -> None:
        """Has it run until the fault kills it."""
        process = self.start(fault)
        try:
            assert process.wait(_PATIENCE_SECONDS) == -signal.SIGKILL, self.log.read_text()
        finally:
            process.kill()
            process.wait()

    def tell(self, event: str = "OPENED", **fields: Any) -> None:  # noqa: ANN401
        """Has the ledger say what became of an alert."""
        self.tell_all(fields, event=event)

    def tell_all(self, *alerts: dict[str, Any], event: str = "OPENED") -> None:
        """Has the ledger say the same of several."""
        told = {"received_at": time.time_ns() // 1_000_000, "rules_version": "00"}
        records = [a_record(event, **(told | alert)) for alert in alerts]
        send(self.settings, "alerts", [(b"k", encode("alert", record)) for record in records])

    def verb(self, *words: str) -> tuple[int, Any]:
        """Returns exit code and answer of `scanledger notify …`."""
        done = subprocess.run(
            [sys.executable, "-m", "jobs", "notify", *words, "--json"], env=self.environment, cwd=ROOT,
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        return done.returncode, json.loads(done.stdout) if done.stdout else done.stderr


def folder_of(home: Path) -> Path:
    """Returns where the outbox is."""
    return home / "notify"
