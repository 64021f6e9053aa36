"""A small real ledger for tests of verbs: worker and sink on topics and tables of its own, scans sent and sunk."""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from jobs.one_scan import build_scan
from jobs.until_sunk import wait_with_bar
from pipeline.broker.send import send_scans
from pipeline.domain.unit_key import parse
from pipeline.settings import Settings
from pipeline.warehouse.client import Warehouse, connect
from pipeline.wire.schemas import encode
from tests.fixtures_clickhouse import EmbeddedClickHouse
from tests.logged_ledger import environment_of
from tests.sinks import WAIT_SECONDS, Running, a_ledger

PARTITIONS = 2
BEGUN = datetime.now(UTC) - timedelta(hours=5)


class Verbs:
    """The verbs on one ledger."""

    def __init__(self, settings: Settings, warehouse: Warehouse, folder: Path) -> None:
        self.settings, self.warehouse, self.folder = settings, warehouse, folder
        self.told: dict[str, Any] = {}

    def run(self, app: Any, *words: str) -> Result:  # noqa: ANN401
        return CliRunner().invoke(app, list(words), env=environment_of(self.settings) | {"COLUMNS": "300"})

    def json(self, app: Any, *words: str) -> Any:  # noqa: ANN401
        """Returns what a verb prints with --json."""
        result = self.run(app, *words, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    def scans(self, *rows: tuple[str, str, int, str, str]) -> None:
        """Sends scans: unit, step, minutes since the beginning, lot, other unit."""
        built = [
            build_scan(
                parse(unit), step, event_time=round((BEGUN + timedelta(minutes=minutes)).timestamp() * 1000),
                texts={"site": "plant", "lot": lot, "other_unit": other},
            )
            for unit, step, minutes, lot, other in rows
        ]  # fmt: skip
        sent = send_scans(self.settings, [row[0].encode() for row in rows], [encode("scan", scan) for scan in built])
        wait_with_bar(self.settings, sent, {}, WAIT_SECONDS)


@contextmanager
def small_ledger(kafka_bootstrap: str, server: EmbeddedClickHouse, folder: Path) -> Iterator[Verbs]:
    """Run a sink as long as the block runs; workers are the caller's."""
    name = f"t{uuid.uuid4().hex[:12]}"
    with connect(server.url, user=server.user, password=server.password) as outside:
        outside.command(f"CREATE DATABASE {name}")
    with connect(server.url, user=server.user, password=server.password, database=name) as warehouse:
        settings = a_ledger(kafka_bootstrap, f"{name}-", warehouse, server, PARTITIONS)
        sinks = Running(settings, warehouse)
        sinks.start()
        try:
            yield Verbs(settings.model_copy(update={"home": folder}), warehouse, folder)
        finally:
            sinks.stop_all()
            warehouse.command(f"DROP DATABASE {name} SYNC")
