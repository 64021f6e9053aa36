"""docker-compose.analysts.yml and what it mounts, read as Grafana, Superset and Docker would read it."""

import ast
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import defusedxml.ElementTree
import pytest
import yaml

ROOT = Path(__file__).parents[2]
LEDGER: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.analysts.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
GRAFANA = ROOT / "deploy" / "grafana"
SOURCES: dict[str, Any] = yaml.safe_load((GRAFANA / "provisioning/datasources/scanledger.yaml").read_text())
RIGHTS = defusedxml.ElementTree.fromstring(LEDGER["configs"]["analyst"]["content"])
# clickhouse-go, which the plugin is built on, asks for the time that is left to its request and 5 s more.
GRAFANA_SECONDS, GRAFANA_MORE = 60, 5
DASHBOARDS = sorted((GRAFANA / "dashboards").glob("*.json"))


def test_images_plugins_and_drivers_are_pinned_to_a_full_version() -> None:
    for service in SERVICES.values():
        assert re.fullmatch(r"[\w./-]+:\d+\.\d+\.\d+", service["image"])
    built = SERVICES["superset"]["build"]["dockerfile_inline"]
    assert re.search(r"^FROM apache/superset:\d+\.\d+\.\d+$", built, re.MULTILINE)
    assert re.search(r"clickhouse-connect==\d+\.\d+\.\d+", built)
    plugin = SERVICES["grafana"]["environment"]["GF_PLUGINS_PREINSTALL_SYNC"]
    assert re.fullmatch(rf"{SOURCES['datasources'][0]['type']}@\d+\.\d+\.\d+", plugin)


def test_what_they_wait_for_is_a_healthy_part_of_the_ledger() -> None:
    for service in SERVICES.values():
        for needed, how in service["depends_on"].items():
            assert how == {"condition": "service_healthy"}
            assert "healthcheck" in LEDGER["services"][needed]
        assert "healthcheck" in service


def test_what_they_mount_is_there_read_only_and_their_volumes_are_declared() -> None:
    volumes = [volume.split(":") for service in SERVICES.values() for volume in service["volumes"]]
    for source, _, *how in (each for each in volumes if each[0].startswith("./")):
        assert (ROOT / source).exists(), source
        assert how == ["ro"]
    assert {source for source, *_ in volumes if not source.startswith("./")} == set(COMPOSE["volumes"])
    assert not set(COMPOSE["volumes"]) & set(LEDGER["volumes"])


def test_nothing_is_published_beyond_this_machine_and_no_secret_is_written_down() -> None:
    for service in SERVICES.values():
        assert all(port.startswith("127.0.0.1:") for port in service["ports"])
        secrets = {k: v for k, v in service["environment"].items() if k.endswith(("PASSWORD", "SECRET_KEY"))}
        assert secrets
        assert all(re.fullmatch(r"\$\{(\w+):\?set \1\}", value) for value in secrets.values()), secrets


def test_the_data_source_reaches_the_ledger_s_clickhouse_as_the_user_who_only_reads() -> None:
    (source,) = SOURCES["datasources"]
    assert source["jsonData"]["host"] in LEDGER["services"]
    assert f"127.0.0.1:8123:{source['jsonData']['port']}" in LEDGER["services"]["clickhouse"]["ports"]
    assert (source["jsonData"]["username"], source["jsonData"]["protocol"]) == ("analyst", "http")
    assert source["jsonData"]["defaultDatabase"] == LEDGER["services"]["clickhouse"]["environment"]["CLICKHOUSE_DB"]
    variable = source["secureJsonData"]["password"].removeprefix("$")
    assert variable in SERVICES["grafana"]["environment"]


def test_limits_that_tools_send_are_taken_within_bounds_though_the_user_only_reads() -> None:
    profile = RIGHTS.find("profiles/analyst")
    assert profile.findtext("readonly") == "1"
    seconds = profile.find("constraints/max_execution_time")
    (source,) = SOURCES["datasources"]
    asked = int(source["jsonData"].get("queryTimeout", GRAFANA_SECONDS)) + GRAFANA_MORE
    assert asked <= int(seconds.findtext("max"))
    assert int(profile.findtext("max_execution_time")) <= int(seconds.findtext("max")) < 2 * GRAFANA_SECONDS
    memory = profile.find("constraints/max_memory_usage")
    assert memory.findtext("max") == profile.findtext("max_memory_usage")
    for bounded in (seconds, memory):
        assert int(bounded.findtext("min")) > 0, "0 is no limit at all"
    assert {"max_execution_time", "enable_http_compression"} <= {
        setting.tag for setting in profile.find("constraints") if setting.find("changeable_in_readonly") is not None
    }


def test_who_is_behind_a_pseudonym_is_in_no_grant_of_analysts() -> None:
    grants = [query.text for query in RIGHTS.findall("users/analyst/grants/query")]
    assert grants == ["GRANT SELECT ON scanledger.*", "REVOKE SELECT ON scanledger.persons"]
    (table,) = (ROOT / "analytics" / "migrations").glob("*_persons.up.sql")
    assert "CREATE TABLE IF NOT EXISTS persons\n" in table.read_text()


def test_dashboards_are_provisioned_from_where_they_are_mounted() -> None:
    provider = yaml.safe_load((GRAFANA / "provisioning/dashboards/scanledger.yaml").read_text())["providers"][0]
    targets = [volume.split(":")[1] for volume in SERVICES["grafana"]["volumes"]]
    assert provider["options"]["path"] in targets
    assert DASHBOARDS


@pytest.mark.parametrize("file", DASHBOARDS, ids=lambda file: str(file.name))
def test_a_dashboard_s_panels_have_a_question_of_the_provisioned_source_and_do_not_overlap(file: Path) -> None:
    dashboard = json.loads(file.read_text())
    panels = dashboard["panels"]
    assert 4 <= len(panels) <= 6
    assert len({panel["id"] for panel in panels}) == len(panels)
    cells: set[tuple[int, int]] = set()
    for panel in panels:
        assert panel["description"]
        for asked in (panel, *panel["targets"]):
            assert asked["datasource"]["uid"] == SOURCES["datasources"][0]["uid"]
        place = panel["gridPos"]
        taken = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not taken & cells
        assert place["x"] + place["w"] <= 24
        cells |= taken


def test_superset_s_files_are_a_script_and_a_module() -> None:
    subprocess.run(["sh", "-n", ROOT / "deploy/superset/start.sh"], check=True)
    ast.parse((ROOT / "deploy/superset/superset_config.py").read_text())
    script = (ROOT / "deploy/superset/start.sh").read_text()
    for name in re.findall(r"\$([A-Z_]+)", script):
        assert name in SERVICES["superset"]["environment"]
    assert "clickhousedb://analyst:" in script
