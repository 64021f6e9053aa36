"""The whole stack on this machine: up, everything answers, a killed broker comes back, down leaves nothing."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil

from pipeline.broker.topics import Topics
from pipeline.local.checks import Check, watched
from pipeline.local.home import StackHome
from pipeline.local.processes import Recorded, find
from tests.worker.running import wait_for

_PATIENCE_SECONDS = 60.0
PARTITIONS = Topics.load("").default_partitions


def scanledger(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if name not in {"KAFKA_BOOTSTRAP", "CLICKHOUSE_URL"}}
    environment = {**own, "SCANLEDGER_HOME": str(home)}
    command = [sys.executable, "-m", "jobs", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=240)


def health(home: Path) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in json.loads(scanledger(home, "status", "--json").stdout)}


def taken_partitions(home: Path) -> int:
    """Returns how many partitions the workers have in their hands."""
    checks = [Check(**child["check"]) for child in StackHome(home).run()["children"] if "worker" in child["name"]]
    return len(set().union(*map(watched, checks)))


def test_a_stack_comes_up_survives_a_killed_broker_and_goes_down_without_a_trace(tmp_path: Path) -> None:
    home = tmp_path / "home"
    try:
        up = scanledger(home, "up", "--workers", "2")
        assert up.returncode == 0, up.stderr
        assert "/sign-in?link=" in up.stderr + up.stdout
        wait_for(lambda: taken_partitions(home) == PARTITIONS)  # a busy machine may rebalance once more
        before = health(home)
        assert list(before) == ["kafka", "clickhouse", "worker-1", "worker-2", "sink", "capture", "console", "findings"]
        psutil.Process(before["kafka"]["pid"]).kill()
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while scanledger(home, "status").returncode != 0 or health(home)["kafka"]["restarts"] != 1:
            assert time.monotonic() < deadline, health(home)
            time.sleep(0.5)
        assert "Ready" in scanledger(home, "logs", "supervisor").stdout
        run = StackHome(home).run()
    finally:
        down = scanledger(home, "down")
    assert down.returncode == 0
    records = [Recorded(**run["supervisor"]), *(Recorded(child["pid"], child["started"]) for child in run["children"])]
    assert not any(find(record) for record in records)
    assert scanledger(home, "status").returncode == 1
