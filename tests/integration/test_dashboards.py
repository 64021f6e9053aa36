"""Every question of the Grafana dashboards, asked as the analyst of a real ledger, of its views alone."""

import json
import re
from pathlib import Path

import httpx
import pytest

from pipeline.warehouse.client import Warehouse
from tests.fixtures_clickhouse import EmbeddedClickHouse
from tests.ledger_rows import LedgerRows
from tests.random_ledger import a_random_ledger

DASHBOARDS = sorted((Path(__file__).parents[2] / "deploy/grafana/dashboards").glob("*.json"))
PANELS = [
    (file.stem, panel["title"], target["rawSql"])
    for file in DASHBOARDS
    for panel in json.loads(file.read_text())["panels"]
    for target in panel["targets"]
]


def as_grafana_sends_it(sql: str) -> str:
    """Returns the question with the plugin's macro of the time range written out."""
    return re.sub(r"\$__timeFilter\((\w+)\)", r"\1 >= toDateTime(0) AND \1 <= toDateTime(4102444800)", sql)


@pytest.fixture
def analyst(warehouse: Warehouse, embedded_clickhouse: EmbeddedClickHouse) -> httpx.Client:
    """Returns a client as the analyst of a ledger with scans and an open alert."""
    ledger = LedgerRows(warehouse)
    a_random_ledger(ledger, 11, scans=120)
    ledger.an_alert("a" * 32, "i1/s1", "CUSTODY_CONFLICT", "OPEN", "OPENED")
    ((database,),) = warehouse.query_rows("SELECT currentDatabase()")
    server = embedded_clickhouse
    return httpx.Client(
        base_url=server.url, auth=(server.analyst, server.analyst_password), params={"database": database}, timeout=60
    )


def test_every_panel_s_question_has_rows_for_the_analyst(analyst: httpx.Client) -> None:
    assert len(PANELS) >= 4
    with analyst:
        for dashboard, title, sql in PANELS:
            response = analyst.post("/", content=f"{as_grafana_sends_it(sql)} FORMAT JSONEachRow")
            assert response.status_code == 200, (dashboard, title, response.text)
            assert response.text, (dashboard, title)
            assert set(re.findall(r"(?:FROM|JOIN) (\w+)", sql)) == set(re.findall(r"\bv_\w+", sql)), title
