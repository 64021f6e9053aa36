"""The broker of docker-compose.yml, run from the same release without Docker: what a site's credentials allow.

The image makes server properties of KAFKA_ variables by fixed rules; so does this test, and changes only hosts, ports
and the data folder.
"""

# mypy: disable-error-code="attr-defined"

import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from confluent_kafka import KafkaError, KafkaException, Producer
from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    AdminClient,
    NewTopic,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from pipeline.local.kafka import kafka_command
from pipeline.local.kafka_ping import kafka_answers
from pipeline.local.ports import free_ports

COMPOSE = Path(__file__).parents[2] / "docker-compose.yml"
_PATIENCE_SECONDS = 60.0


Settings = dict[str, str | int | float | bool]


class Broker(NamedTuple):
    internal: str
    sites: str


def properties_of(environment: dict[str, Any]) -> dict[str, str]:
    """Returns the server properties the image makes of its environment: _ is a dot, __ an underscore, ___ a dash."""
    marks = {"_": ".", "__": "_", "___": "-"}
    kafka = {
        name.removeprefix("KAFKA_"): str(value) for name, value in environment.items() if name.startswith("KAFKA_")
    }
    return {re.sub("_+", lambda run: marks[run.group()], name).lower(): value for name, value in kafka.items()}


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    folder = tmp_path_factory.mktemp("compose-kafka")
    internal, controller, sites = free_ports(3)
    properties = properties_of(yaml.safe_load(COMPOSE.read_text())["services"]["kafka"]["environment"])
    properties |= {
        "listeners": f"INTERNAL://127.0.0.1:{internal},CONTROLLER://127.0.0.1:{controller},SITES://127.0.0.1:{sites}",
        "advertised.listeners": f"INTERNAL://127.0.0.1:{internal},SITES://127.0.0.1:{sites}",
        "controller.quorum.voters": f"1@127.0.0.1:{controller}",
        "log.dirs": str(folder / "log"),
    }
    text = "".join(f"{name}={value}\n" for name, value in properties.items())
    command = kafka_command(folder, text, heap_mb=384, say=lambda _line: None)
    with (folder / "kafka.log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            deadline = time.monotonic() + _PATIENCE_SECONDS
            while not kafka_answers(internal):
                assert process.poll() is None, (folder / "kafka.log").read_text()
                assert time.monotonic() < deadline
                time.sleep(0.1)
            yield Broker(f"127.0.0.1:{internal}", f"127.0.0.1:{sites}")
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def site(broker: Broker) -> Settings:
    """Makes two topics and a site's user with the rights docker-compose.yml grants; returns its client settings."""
    admin = AdminClient({"bootstrap.servers": broker.internal})
    password = UserScramCredentialUpsertion("site-lyon", ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096), b"pw")
    granted = [
        AclBinding(
            ResourceType.TOPIC,
            "scans",
            ResourcePatternType.LITERAL,
            "User:site-lyon",
            "*",
            operation,
            AclPermissionType.ALLOW,
        )
        for operation in (AclOperation.WRITE, AclOperation.DESCRIBE)
    ]
    topics = [NewTopic(name, 1, 1) for name in ("scans", "internal")]
    results = [
        *admin.create_topics(topics).values(),
        *admin.alter_user_scram_credentials([password]).values(),
        *admin.create_acls(granted).values(),
    ]
    for result in results:
        result.result(timeout=30)
    return {
        "bootstrap.servers": broker.sites,
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": "site-lyon",
        "sasl.password": "pw",
        "enable.idempotence": "true",
        "log_level": "0",
    }


def outcome_of_sending(topic: str, settings: Settings) -> str | None:
    """Returns the name of the error a send ended with, None where it was acknowledged."""
    outcomes: list[KafkaError | None] = []
    producer = Producer({**settings, "error_cb": outcomes.append})
    producer.produce(topic, b"x", on_delivery=lambda error, _message: outcomes.append(error))
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not outcomes:
        assert time.monotonic() < deadline
        producer.poll(0.1)
    producer.purge()
    producer.flush(10)
    return None if outcomes[0] is None else str(outcomes[0].name())


def test_a_site_may_write_scans(site: Settings) -> None:
    assert outcome_of_sending("scans", site) is None


def test_a_site_may_not_write_what_is_the_ledgers_own(site: Settings) -> None:
    assert outcome_of_sending("internal", site) == "TOPIC_AUTHORIZATION_FAILED"


def test_a_wrong_password_is_refused(site: Settings) -> None:
    assert outcome_of_sending("scans", {**site, "sasl.password": "wrong"}) == "_AUTHENTICATION"


def test_a_site_may_not_grant_itself_more(site: Settings) -> None:
    admin = AdminClient(site)
    with pytest.raises(KafkaException, match="AUTHORIZATION_FAILED"):
        admin.create_topics([NewTopic("mine", 1, 1)])["mine"].result(timeout=30)
