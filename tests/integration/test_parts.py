"""The parts by themselves, as production runs them: settings from the environment, topics and tables made."""

import json
import uuid

import pytest

from jobs import cli
from tests.fixtures_clickhouse import EmbeddedClickHouse


@pytest.fixture
def kafka_settings(monkeypatch: pytest.MonkeyPatch, kafka_bootstrap: str, topic_prefix: str) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP", kafka_bootstrap)
    monkeypatch.setenv("SCANLEDGER_TOPIC_PREFIX", topic_prefix)
    monkeypatch.setenv("SCANLEDGER_PARTITIONS", "3")


@pytest.fixture
def clickhouse_settings(monkeypatch: pytest.MonkeyPatch, embedded_clickhouse: EmbeddedClickHouse) -> None:
    monkeypatch.setenv("CLICKHOUSE_URL", embedded_clickhouse.url)
    monkeypatch.setenv("CLICKHOUSE_USER", embedded_clickhouse.user)
    monkeypatch.setenv("CLICKHOUSE_PASSWORD", embedded_clickhouse.password)
    monkeypatch.setenv("CLICKHOUSE_DATABASE", f"parts_{uuid.uuid4().hex[:8]}")


def run(monkeypatch: pytest.MonkeyPatch, *words: str) -> int | str | None:
    monkeypatch.setattr("sys.argv", ["scanledger", *words])
    with pytest.raises(SystemExit) as exited:
        cli.main()
    return exited.value.code


@pytest.mark.usefixtures("kafka_settings")
def test_topics_are_created_once_and_checked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], topic_prefix: str
) -> None:
    assert run(monkeypatch, "topics", "check") == 2
    assert f"{topic_prefix}scans" in capsys.readouterr().err
    assert run(monkeypatch, "topics", "create") == 0
    assert run(monkeypatch, "topics", "create") == 0
    assert "exist already" in capsys.readouterr().err
    assert run(monkeypatch, "topics", "check") == 0
    assert "with 3 partitions each" in capsys.readouterr().err


@pytest.mark.usefixtures("clickhouse_settings")
def test_tables_are_made_and_taken_back(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, "migrate", "up") == 0
    capsys.readouterr()
    assert run(monkeypatch, "migrate", "status", "--json") == 0
    rows = json.loads(capsys.readouterr().out)
    assert all(row["applied_at"] for row in rows)
    assert run(monkeypatch, "migrate", "down", "--steps", "1") == 0
    assert run(monkeypatch, "migrate", "status", "--format", "csv") == 1
    assert run(monkeypatch, "migrate", "up") == 0
    assert rows[-1]["name"] in capsys.readouterr().err
    assert run(monkeypatch, "migrate", "down", "--all") == 0


def test_a_clickhouse_that_nobody_named_is_said_to_be_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: object
) -> None:
    monkeypatch.setenv("SCANLEDGER_HOME", str(tmp_path))
    monkeypatch.delenv("CLICKHOUSE_URL", raising=False)
    assert run(monkeypatch, "migrate", "up") == 2
    assert "scanledger up" in capsys.readouterr().err
