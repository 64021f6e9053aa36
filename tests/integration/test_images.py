"""The images of docker-compose.yml, where a Docker engine answers: the warehouse's own DDL on a ClickHouse server,
and an analyst's questions to it."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from testcontainers.core.container import DockerContainer

from pipeline.errors import WarehouseDown, WarehouseRefused
from pipeline.warehouse.client import Warehouse, connect
from pipeline.warehouse.migrate import down, up
from tests.databases import MIGRATIONS

COMPOSE = Path(__file__).parents[2] / "docker-compose.yml"
PASSWORD = "of-this-test-only"  # noqa: S105  the container lives for one test
ANALYST_PASSWORD = "of-this-analyst-only"  # noqa: S105


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
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if not docker_answers():
        pytest.skip("no Docker engine answers here")
    compose = yaml.safe_load(COMPOSE.read_text())
    service = compose["services"]["clickhouse"]
    (config,) = service["configs"]
    users = tmp_path_factory.mktemp("users.d") / "analyst.xml"
    users.write_text(compose["configs"][config["source"]]["content"])
    users.parent.chmod(0o755)  # the server's own user reads it
    container = DockerContainer(service["image"]).with_exposed_ports(8123).with_env("CLICKHOUSE_DB", "scanledger")
    container = container.with_env("CLICKHOUSE_USER", "ledger").with_env("CLICKHOUSE_PASSWORD", PASSWORD)
    container = container.with_env("CLICKHOUSE_ANALYST_PASSWORD", ANALYST_PASSWORD)
    container = container.with_volume_mapping(str(users), config["target"])
    with container as running:
        yield f"http://{running.get_container_host_ip()}:{running.get_exposed_port(8123)}"


@pytest.fixture(scope="module")
def server(url: str) -> Iterator[Warehouse]:
    with connect_when_up(url) as warehouse:
        yield warehouse


def test_migrations_go_up_and_down_on_the_server_of_the_compose_file(server: Warehouse) -> None:
    up(server, MIGRATIONS, "server")
    made = {name for (name,) in server.query_rows("SELECT name FROM system.tables WHERE database = 'scanledger'")}
    assert {"unit_events", "unit_state", "v_unit_events"} <= made
    down(server, MIGRATIONS, "server", steps=None)


def test_an_analyst_may_ask_and_nothing_else(server: Warehouse, url: str) -> None:
    server.command("CREATE TABLE sold (item String) ENGINE = MergeTree ORDER BY item")
    server.command("INSERT INTO sold VALUES ('sku:ACME/W')")
    with connect(url, user="analyst", password=ANALYST_PASSWORD, database="scanledger") as analyst:
        question = "SELECT item FROM sold WHERE item = {item:String}"
        assert analyst.query_frame(question, {"item": "sku:ACME/W"}).rows() == [("sku:ACME/W",)]
        with pytest.raises(WarehouseRefused):
            analyst.command("INSERT INTO sold VALUES ('another')")
    server.command("DROP TABLE sold SYNC")
