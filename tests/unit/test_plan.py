"""The plan of the local stack: what is its own, what is used from elsewhere, and what each part is told."""

import json
from pathlib import Path

import pytest

from jobs.notify_at_work import routes_of
from pipeline.local.home import StackHome
from pipeline.local.plan import local_stages
from pipeline.local.processes import Child
from pipeline.local.supervisor import Stage
from pipeline.settings import load_settings


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StackHome:
    monkeypatch.setenv("KAFKA_BOOTSTRAP", "kafka.example:9092")
    monkeypatch.delenv("CLICKHOUSE_URL", raising=False)
    home = StackHome(tmp_path)
    home.create()
    return home


def planned(home: StackHome, workers: int = 1) -> list[Stage]:
    return local_stages(home, program=["scanledger"], workers=workers, say=lambda _line: None)


def children(stages: list[Stage]) -> dict[str, Child]:
    return {child.name: child for stage in stages for child in stage.children}


def test_a_kafka_from_elsewhere_is_used_and_told_to_other_commands(home: StackHome) -> None:
    assert list(children(planned(home))) == ["clickhouse", "worker-1", "sink", "capture", "console"]
    assert home.stack()["settings"]["kafka_bootstrap"] == "kafka.example:9092"


def test_a_clickhouse_from_elsewhere_is_used_and_gets_no_password_of_ours(
    home: StackHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLICKHOUSE_URL", "https://clickhouse.example:8443")
    assert list(children(planned(home))) == ["worker-1", "sink", "capture", "console"]
    assert home.stack()["settings"]["clickhouse_url"] == "https://clickhouse.example:8443"
    assert not home.secrets_file.exists()


def test_the_scheduled_questions_are_a_part_where_they_are_asked_for(home: StackHome) -> None:
    parts = children(local_stages(home, program=["scanledger"], workers=1, say=lambda _line: None, findings=True))
    assert list(parts) == ["clickhouse", "worker-1", "sink", "capture", "console", "findings"]
    assert parts["findings"].command == ("scanledger", "findings")
    assert parts["console"].command == ("scanledger", "console", "--findings")
    assert children(planned(home))["console"].command == ("scanledger", "console", "--no-findings")
    assert parts["findings"].environment["SCANLEDGER_HEALTH_PORT"] == str(parts["findings"].check.port)


def test_telling_of_alerts_is_a_part_where_routes_are_named(home: StackHome) -> None:
    routes = home.folder / "routes.toml"
    stages = local_stages(home, program=["scanledger"], workers=1, say=lambda _line: None, routes=routes)
    notify = children(stages)["notify"]
    assert notify.command == ("scanledger", "notify")
    assert notify.environment["SCANLEDGER_ROUTES"] == str(routes.resolve())
    assert not any("SCANLEDGER_ROUTES" in part.environment for part in children(stages).values() if part is not notify)


def test_links_of_what_is_told_lead_to_the_stack_s_own_console(home: StackHome) -> None:
    routes = home.folder / "routes.toml"
    routes.write_text(
        '[recipients.duty]\nwebhook = "http://127.0.0.1:1/"\nsecret = "sixteen letters!"\n'
        '[[routes]]\nname = "all"\nto = ["duty"]\n'
    )
    local_stages(home, program=["scanledger"], workers=1, say=lambda _line: None, routes=routes)
    assert routes_of(load_settings(home=home.folder), routes).console == home.stack()["settings"]["console_url"]


def test_topics_and_tables_are_made_before_anything_uses_them(home: StackHome) -> None:
    first, second = planned(home)
    assert [task.command for task in first.tasks] == [
        ("scanledger", "topics", "create"),
        ("scanledger", "migrate", "up"),
    ]
    assert {child.name for child in second.children} == {"worker-1", "sink", "capture", "console"}


def test_every_worker_has_its_name_and_every_part_its_port_and_home(home: StackHome) -> None:
    parts = children(planned(home, workers=3))
    workers = [parts[f"worker-{number}"] for number in (1, 2, 3)]
    assert [worker.environment["SCANLEDGER_WORKER"] for worker in workers] == ["worker-1", "worker-2", "worker-3"]
    assert len({part.check.port for part in parts.values()}) == len(parts)
    assert {part.environment["SCANLEDGER_HOME"] for part in parts.values()} == {str(home.folder)}
    assert all(part.environment["SCANLEDGER_HEALTH_PORT"] == str(part.check.port) for part in (*workers, parts["sink"]))


def test_writers_stop_before_what_they_write_to(home: StackHome) -> None:
    parts = children(planned(home))
    in_order = sorted(parts.values(), key=lambda part: part.stop_rank)
    assert [part.name for part in in_order] == ["capture", "console", "worker-1", "sink", "clickhouse"]


def test_addresses_stay_from_one_start_to_the_next_and_no_password_is_in_the_open(home: StackHome) -> None:
    before = home.stack() if planned(home) else {}
    planned(home)
    assert home.stack() == before
    assert not any(password in json.dumps(before) for password in home.passwords().values())


def test_capture_is_found_where_it_listens_and_has_a_port_of_its_own_for_metrics(home: StackHome) -> None:
    capture = children(planned(home))["capture"]
    assert capture.environment["SCANLEDGER_CAPTURE_PORT"] == str(capture.check.port)
    assert capture.environment["SCANLEDGER_HEALTH_PORT"] != str(capture.check.port)
    assert home.stack()["settings"]["capture_url"] == f"http://127.0.0.1:{capture.check.port}"


def test_the_console_is_found_where_it_listens(home: StackHome) -> None:
    console = children(planned(home))["console"]
    assert console.environment["SCANLEDGER_CONSOLE_PORT"] == str(console.check.port)
    assert home.stack()["settings"]["console_url"] == f"http://127.0.0.1:{console.check.port}"
