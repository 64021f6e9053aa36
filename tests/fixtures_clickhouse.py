"""The embedded ClickHouse for tests: one server process for each pytest worker, an empty database for each test."""

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from pipeline.warehouse.client import Warehouse
from tests.databases import Databases

ROOT = Path(__file__).resolve().parents[1]
_SERVE = """
import sys
from pathlib import Path
from pipeline.local.clickhouse import User, serve
users = {"ledger": User("ledger-password"), "analyst": User("analyst-password", is_readonly=True)}
serve(Path(sys.argv[1]), "127.0.0.1", int(sys.argv[2]), users)
"""
START_SECONDS = 60
STOP_SECONDS = 30


@dataclass(frozen=True)
class EmbeddedClickHouse:
    """A running server: where it is and who may ask."""

    url: str
    port: int
    folder: Path
    process: subprocess.Popen[bytes]
    user: str = "ledger"
    password: str = "ledger-password"  # noqa: S105 - of a server that lives as long as the tests
    analyst: str = "analyst"
    analyst_password: str = "analyst-password"  # noqa: S105
    databases: Databases = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "databases", Databases(self.url, self.user, self.password))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def running_clickhouse(folder: Path, port: int | None = None) -> Iterator[EmbeddedClickHouse]:
    """Run a server process on a folder as long as the block runs."""
    port = port or free_port()
    process = subprocess.Popen([sys.executable, "-c", _SERVE, str(folder), str(port)], cwd=ROOT)
    try:
        server = EmbeddedClickHouse(f"http://127.0.0.1:{port}", port, folder, process)
        _wait_until_it_answers(server)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_it_answers(server: EmbeddedClickHouse) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            pytest.fail(f"the embedded ClickHouse ended with code {server.process.returncode}")
        with contextlib.suppress(httpx.TransportError), httpx.Client() as client:
            client.get(f"{server.url}/ping").raise_for_status()
            return
        time.sleep(0.05)
    pytest.fail(f"the embedded ClickHouse did not answer within {START_SECONDS} s")


@pytest.fixture(scope="session")
def embedded_clickhouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedClickHouse]:
    """One server for all tests of a pytest worker."""
    with running_clickhouse(tmp_path_factory.mktemp("clickhouse")) as server:
        yield server


@pytest.fixture
def warehouse(embedded_clickhouse: EmbeddedClickHouse) -> Iterator[Warehouse]:
    """A client on an empty ledger's database of its own."""
    with embedded_clickhouse.databases.migrated() as (_, client):
        yield client


@pytest.fixture
def bare_warehouse(embedded_clickhouse: EmbeddedClickHouse) -> Iterator[Warehouse]:
    """A client on a database of its own without a table."""
    with embedded_clickhouse.databases.bare() as client:
        yield client
