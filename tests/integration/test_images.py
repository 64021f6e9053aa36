"""The images of docker-compose.yml, where a Docker engine answers: the warehouse's own DDL on a ClickHouse server."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from testcontainers.core.container import DockerContainer

from pipeline.errors import WarehouseDown
from pipeline.warehouse.client import Warehouse, connect
from pipeline.warehouse.migrate import down, up
from tests.sinks import MIGRATIONS

COMPOSE = Path(__file__).parents[2] / "docker-compose.yml"
PASSWORD = "of-this-test-only"  # noqa: S105  the container lives for one test


def docker_answers() -> bool:
    try:
        asked = subprocess.run(["docker", "info"], capture_output=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.returncode == 0


def connect_when_up(url: str) -> Warehouse:
    deadline = time.monotonic() + 60
    while True:
        try:
            return connect(url, user="ledger", password=PASSWORD, database="scanledger")
        except WarehouseDown:
            if time.monotonic() > deadline:
                raise


@pytest.fixture(scope="module")
def server() -> Iterator[Warehouse]:
    if not docker_answers():
        pytest.skip("no Docker engine answers here")
    image = yaml.safe_load(COMPOSE.read_text())["services"]["clickhouse"]["image"]
    container = DockerContainer(image).with_exposed_ports(8123).with_env("CLICKHOUSE_DB", "scanledger")
    container = container.with_env("CLICKHOUSE_USER", "ledger").with_env("CLICKHOUSE_PASSWORD", PASSWORD)
    with container as running:
        url = f"http://{running.get_container_host_ip()}:{running.get_exposed_port(8123)}"
        warehouse = connect_when_up(url)
        yield warehouse
        warehouse.close()


def test_migrations_go_up_and_down_on_the_server_of_the_compose_file(server: Warehouse) -> None:
    up(server, MIGRATIONS, "server")
    made = {name for (name,) in server.query_rows("SELECT name FROM system.tables WHERE database = 'scanledger'")}
    assert {"unit_events", "unit_state", "v_unit_events"} <= made
    down(server, MIGRATIONS, "server", steps=None)
