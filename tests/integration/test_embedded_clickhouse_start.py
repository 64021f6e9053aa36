"""What stops the embedded ClickHouse from starting, and what it says then."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fixtures_clickhouse import ROOT, EmbeddedClickHouse, free_port

START = """
import sys
from pathlib import Path
from pipeline.errors import ScanledgerError
from pipeline.local.clickhouse import serve
try:
    serve(Path(sys.argv[1]), "127.0.0.1", int(sys.argv[2]), {})
except ScanledgerError as error:
    sys.exit(f"{type(error).__name__}: {error}")
"""


def refusal(folder: Path, port: int) -> str:
    command = [sys.executable, "-c", START, str(folder), str(port)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    return ended.stderr.strip().splitlines()[-1]


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        message = refusal(tmp_path / "clickhouse", port)
    assert message.startswith("PortInUse: ")
    assert str(port) in message


def test_a_folder_of_another_process_is_named_with_its_owner(embedded_clickhouse: EmbeddedClickHouse) -> None:
    message = refusal(embedded_clickhouse.folder, free_port())
    assert message.startswith("FolderInUse: ")
    assert str(embedded_clickhouse.process.pid) in message


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    message = refusal(tmp_path / "file" / "clickhouse", free_port())
    assert message.startswith("FolderUnusable: ")
    assert str(tmp_path) in message


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert refusal(tmp_path, free_port()).startswith("FolderUnusable: ")
