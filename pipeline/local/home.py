"""The folder a stack lives in: its addresses, its secrets, its logs and the record of what runs.

stack.json     ports by name, and the settings clients need (kafka_bootstrap, clickhouse_url)
secrets.json   passwords, readable by the owner alone
run.json       the supervisor and its children: process ids with start times, restarts
lock           held by the supervisor while it lives
logs/NAME.log  what each child prints
"""

import fcntl
import json
import os
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TextIO

from pipeline.errors import LocalStackUnusable
from pipeline.local.ports import free_ports, is_free

_PASSWORDS = ("clickhouse_password", "clickhouse_analyst_password")


class StackHome:
    """Reads and writes the files of one stack."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.expanduser().absolute()
        self.logs = self.folder / "logs"
        self.run_file = self.folder / "run.json"
        self.stack_file = self.folder / "stack.json"
        self.secrets_file = self.folder / "secrets.json"

    def create(self) -> None:
        """Makes the folders where they are missing.

        Raises:
            LocalStackUnusable: The folder cannot be written.
        """
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.logs.mkdir(exist_ok=True)
            _write_whole(self.folder / "writable", "")
            (self.folder / "writable").unlink()
        except OSError as error:
            message = (
                f"The folder {self.folder} cannot be written: {error.strerror}. "
                "Name another with --home or SCANLEDGER_HOME."
            )
            raise LocalStackUnusable(message) from error

    def log_file(self, name: str) -> Path:
        """Returns where a child's output goes."""
        return self.logs / f"{name}.log"

    def ports(self, names: Iterable[str], *, fixed: dict[str, int] | None = None) -> dict[str, int]:
        """Returns a port per name: the one it had before while that is free, else a new one; and keeps them."""
        wanted = list(names)
        known = {**self.stack().get("ports", {}), **(fixed or {})}
        kept = {name: int(known[name]) for name in wanted if name in known and is_free(int(known[name]))}
        missing = [name for name in wanted if name not in kept]
        ports = {**kept, **dict(zip(missing, free_ports(len(missing)), strict=True))}
        self.keep(ports={**known, **ports})
        return ports

    def stack(self) -> dict[str, Any]:
        """Returns what stack.json holds."""
        return _read(self.stack_file)

    def keep(self, **entries: Any) -> None:  # noqa: ANN401  JSON
        """Puts entries into stack.json, beside those already there."""
        _write_whole(self.stack_file, json.dumps({**self.stack(), **entries}, indent=2))

    def passwords(self) -> dict[str, str]:
        """Returns the passwords of this stack, generating them at first use."""
        known = _read(self.secrets_file).get("settings", {})
        if all(name in known for name in _PASSWORDS):
            return dict(known)
        fresh = {name: secrets.token_urlsafe(24) for name in _PASSWORDS}
        _write_whole(self.secrets_file, json.dumps({"settings": {**fresh, **known}}, indent=2), mode=0o600)
        return {**fresh, **known}

    def run(self) -> dict[str, Any]:
        """Returns what run.json holds; empty where nothing ever ran."""
        return _read(self.run_file)

    def write_run(self, run: dict[str, Any]) -> None:
        """Replaces run.json as a whole, so that a reader never sees half of it."""
        _write_whole(self.run_file, json.dumps(run, indent=2))

    def lock(self) -> TextIO | None:
        """Takes the lock and returns it to be held, or None where a supervisor holds it."""
        lock = (self.folder / "lock").open("a")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return None
        return lock


def _read(file: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(file.read_text())
    except FileNotFoundError:
        return {}
    return content


def _write_whole(file: Path, text: str, *, mode: int = 0o644) -> None:
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w") as out:
        out.write(text)
    beside.replace(file)
