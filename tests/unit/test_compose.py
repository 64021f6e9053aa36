"""docker-compose.yml read with a YAML parser, for there is no Docker engine here to run it."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from jobs.cli import VERBS
from pipeline.local.kafka_jars import KAFKA_VERSION
from pipeline.settings import Settings

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"].startswith("scanledger:")}


def test_every_part_is_there() -> None:
    assert {
        "kafka",
        "schema-registry",
        "clickhouse",
        "topics",
        "migrate",
        "worker-1",
        "worker-2",
        "sink",
        "capture",
        "console",
        "findings",
        "notify",
    } == set(SERVICES)


@pytest.mark.parametrize("name", list(SERVICES))
def test_images_are_pinned_to_a_full_version(name: str) -> None:
    assert re.fullmatch(r"[\w./-]+:\d+\.\d+\.\d+[\w.-]*", SERVICES[name]["image"])


def test_kafka_is_the_version_of_the_local_stack() -> None:
    assert SERVICES["kafka"]["image"] == f"apache/kafka:{KAFKA_VERSION}"


@pytest.mark.parametrize("name", list(OURS))
def test_every_variable_of_ours_is_a_setting_with_a_value_it_takes(name: str) -> None:
    environment = OURS[name]["environment"]
    aliases = {str(field.alias) for field in Settings.model_fields.values()}
    assert set(environment) <= aliases
    assert Settings.model_validate(environment)


@pytest.mark.parametrize("name", list(SERVICES))
def test_what_a_part_waits_for_exists_and_can_be_waited_for(name: str) -> None:
    for needed, how in SERVICES[name].get("depends_on", {}).items():
        if how["condition"] == "service_healthy":
            assert "healthcheck" in SERVICES[needed]
        else:
            assert SERVICES[needed]["restart"] == "on-failure", "a part that never ends can never have completed"


def test_every_worker_has_its_own_name_and_store() -> None:
    workers = [service for service in OURS.values() if service["command"] == ["worker"]]
    names = [worker["environment"]["SCANLEDGER_WORKER"] for worker in workers]
    volumes = [volume for worker in workers for volume in worker["volumes"]]
    assert len(set(names)) == len(set(volumes)) == len(workers)


def test_nothing_is_published_beyond_this_machine_and_no_password_is_written_down() -> None:
    published = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert all(port.startswith("127.0.0.1:") for port in published)
    for service in SERVICES.values():
        passwords = [value for key, value in service.get("environment", {}).items() if key.endswith("PASSWORD")]
        assert all(value.startswith("${") for value in passwords)


def test_commands_of_ours_may_ask_as_the_analyst_that_clickhouse_knows() -> None:
    password = SERVICES["clickhouse"]["environment"]["CLICKHOUSE_ANALYST_PASSWORD"]
    assert {service["environment"]["CLICKHOUSE_ANALYST_PASSWORD"] for service in OURS.values()} == {password}


def test_the_console_is_told_that_the_scheduled_questions_are_asked() -> None:
    assert SERVICES["console"]["command"] == ["console", "--findings"]
    assert "profiles" not in SERVICES["findings"]


def test_links_of_notify_lead_to_the_console() -> None:
    url = "SCANLEDGER_CONSOLE_URL"
    assert SERVICES["notify"]["environment"][url] == SERVICES["console"]["environment"][url]


def test_named_volumes_and_configs_are_declared() -> None:
    used = {volume.partition(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    assert used == set(COMPOSE["volumes"])
    sources = {config["source"] for service in SERVICES.values() for config in service.get("configs", [])}
    assert sources == set(COMPOSE["configs"])


def test_the_commands_are_verbs_of_the_command_line() -> None:
    assert {service["command"][0] for service in OURS.values()} <= set(VERBS)


def test_the_image_is_built_from_pinned_versions_of_what_the_lock_file_names() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    bases = re.findall(r"^FROM (\S+)", dockerfile, flags=re.MULTILINE)
    assert all(re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+", base) for base in bases)
    assert "uv sync --frozen" in dockerfile
    (uv,) = re.findall(r"uv==(\S+)", dockerfile)
    assert f"UV_VERSION := {uv}\n" in (ROOT / "Makefile").read_text()
