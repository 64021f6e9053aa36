"""The settings of every process, from the environment and, where that is silent, from the running local stack.

load_settings()                                  # environment, then SCANLEDGER_HOME/stack.json
Settings(kafka_bootstrap="127.0.0.1:9092")       # in tests
"""

import json
import os
from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from pipeline.errors import SettingsWrong

DEFAULT_HOME = "~/.scanledger"


class Settings(BaseSettings):
    """What a process needs to know; each field is the environment variable of its alias."""

    model_config = SettingsConfigDict(populate_by_name=True, extra="ignore", frozen=True)

    home: Path = Field(default=Path(DEFAULT_HOME), alias="SCANLEDGER_HOME")
    app: str = Field(default="scanledger", alias="SCANLEDGER_APP", description="Kafka group and transactional ids")
    worker: str = Field(default="worker-1", alias="SCANLEDGER_WORKER", description="owns its store folder")
    topic_prefix: str = Field(default="", alias="SCANLEDGER_TOPIC_PREFIX")
    partitions: int | None = Field(default=None, alias="SCANLEDGER_PARTITIONS", ge=1, le=1000)
    replication_factor: int = Field(default=1, alias="SCANLEDGER_REPLICATION_FACTOR", ge=1)
    health_port: int = Field(default=0, alias="SCANLEDGER_HEALTH_PORT", description="0: none")
    health_host: str = Field(default="127.0.0.1", alias="SCANLEDGER_HEALTH_HOST", description="0.0.0.0 in a container")
    store: Path | None = Field(default=None, alias="SCANLEDGER_STORE", description="default: home/store")
    batch_records: int = Field(default=20_000, alias="SCANLEDGER_BATCH_RECORDS", ge=1)
    clock_skew_minutes: int = Field(default=10, alias="SCANLEDGER_CLOCK_SKEW_MINUTES", ge=0)
    session_timeout_seconds: float = Field(default=30.0, alias="SCANLEDGER_SESSION_TIMEOUT_SECONDS", ge=1)
    uri_base: str = Field(
        default="https://scanledger.example/",
        alias="SCANLEDGER_URI_BASE",
        description="beginning of the URIs of units and sites that have no GS1 key",
    )

    routes: str = Field(default="", alias="SCANLEDGER_ROUTES", description="file: which alerts are told to whom")

    capture_host: str = Field(default="127.0.0.1", alias="SCANLEDGER_CAPTURE_HOST", description="where scans come in")
    capture_port: int = Field(default=8000, alias="SCANLEDGER_CAPTURE_PORT", ge=0, le=65535)
    capture_url: str = Field(default="", alias="SCANLEDGER_CAPTURE_URL", description="where it is found")

    console_host: str = Field(default="127.0.0.1", alias="SCANLEDGER_CONSOLE_HOST", description="where it listens")
    console_port: int = Field(default=8010, alias="SCANLEDGER_CONSOLE_PORT", ge=0, le=65535)
    console_url: str = Field(default="", alias="SCANLEDGER_CONSOLE_URL", description="where people find it")

    kafka_bootstrap: str = Field(default="", alias="KAFKA_BOOTSTRAP")
    kafka_security_protocol: str = Field(default="", alias="KAFKA_SECURITY_PROTOCOL")
    kafka_sasl_mechanism: str = Field(default="", alias="KAFKA_SASL_MECHANISM")
    kafka_sasl_username: str = Field(default="", alias="KAFKA_SASL_USERNAME")
    kafka_sasl_password: SecretStr = Field(default=SecretStr(""), alias="KAFKA_SASL_PASSWORD")
    kafka_ssl_ca: str = Field(default="", alias="KAFKA_SSL_CA")
    schema_registry_url: str = Field(default="", alias="SCHEMA_REGISTRY_URL")

    clickhouse_url: str = Field(default="", alias="CLICKHOUSE_URL")
    clickhouse_user: str = Field(default="ledger", alias="CLICKHOUSE_USER")
    clickhouse_password: SecretStr = Field(default=SecretStr(""), alias="CLICKHOUSE_PASSWORD")
    clickhouse_analyst_user: str = Field(default="analyst", alias="CLICKHOUSE_ANALYST_USER")
    clickhouse_analyst_password: SecretStr = Field(default=SecretStr(""), alias="CLICKHOUSE_ANALYST_PASSWORD")
    clickhouse_database: str = Field(default="scanledger", alias="CLICKHOUSE_DATABASE")
    clickhouse_profile: str = Field(default="embedded", alias="CLICKHOUSE_PROFILE")
    clickhouse_storage_policy: str = Field(default="", alias="CLICKHOUSE_STORAGE_POLICY")
    clickhouse_cold_volume: str = Field(default="cold", alias="CLICKHOUSE_COLD_VOLUME")
    clickhouse_cold_after_days: int = Field(default=180, alias="CLICKHOUSE_COLD_AFTER_DAYS")

    @property
    def store_folder(self) -> Path:
        """Folder of this worker's stores."""
        return (self.store or self.home.expanduser() / "store") / self.worker


def load_settings(**overrides: Any) -> Settings:  # noqa: ANN401  values as pydantic takes them
    """Read the environment; fill what it leaves open from the local stack's own record.

    The stack keeps `stack.json` (kafka_bootstrap, clickhouse_url, …) and `secrets.json` in its home.

    Raises:
        SettingsWrong: a variable's value makes no sense.
    """
    home = Path(overrides.get("home") or os.environ.get("SCANLEDGER_HOME") or DEFAULT_HOME).expanduser()
    known: dict[str, Any] = {}
    for name in ("stack.json", "secrets.json"):
        file = home / name
        if file.is_file():
            known.update(json.loads(file.read_text()).get("settings", {}))
    aliases = {name: str(field.alias) for name, field in Settings.model_fields.items()}
    from_stack = {name: value for name, value in known.items() if name in aliases and aliases[name] not in os.environ}
    try:
        return Settings(**{**from_stack, **overrides, "home": home})
    except ValidationError as wrong:
        told = (_told(str(one["loc"][0]), one["input"], one["msg"]) for one in wrong.errors())
        raise SettingsWrong("; ".join(told)) from None


def _told(name: str, value: object, fault: str) -> str:
    return f"{name}: {fault}" if "password" in name.lower() else f"{name}={value!r}: {fault}"
