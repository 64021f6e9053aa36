"""The verbs of lifetimes, run on rows made by hand in the embedded ClickHouse."""

import importlib
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from jobs.cli import VERBS
from pipeline.warehouse.client import Warehouse
from tests.fixtures_clickhouse import EmbeddedClickHouse
from tests.ledger_rows import LedgerRows

KINDS = ("survival", "hazard", "weibull", "mcf", "logrank")
HEAD = [
    "kind", "level", "method", "n", "events", "excluded", "by", "origin", "exposure", "event", "data_end",
    "p95_delay_seconds",
]  # fmt: skip


@pytest.fixture
def ledger(
    warehouse: Warehouse, embedded_clickhouse: EmbeddedClickHouse, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> LedgerRows:
    """Returns a ledger that the verbs find through the environment: three units of two items, one never sold."""
    ((database,),) = warehouse.query_rows("SELECT currentDatabase()")
    for name, value in {
        "SCANLEDGER_HOME": str(tmp_path),
        "CLICKHOUSE_URL": embedded_clickhouse.url,
        "CLICKHOUSE_USER": embedded_clickhouse.user,
        "CLICKHOUSE_PASSWORD": embedded_clickhouse.password,
        "CLICKHOUSE_DATABASE": str(database),
        "COLUMNS": "300",
    }.items():
        monkeypatch.setenv(name, value)
    rows = LedgerRows(warehouse)
    rows.a_scan("sku:A/1/a", "SELL", "2024-01-01 10:00:00")
    rows.a_scan("sku:A/1/a", "FAIL", "2024-01-10 10:00:00")
    rows.a_scan("sku:A/2/b", "SELL", "2024-01-01 10:00:00")
    rows.a_scan("sku:A/2/b", "RETIRE", "2024-01-15 10:00:00")
    rows.a_scan("sku:A/2/c", "OBSERVE", "2024-01-20 10:00:00")
    for unit, milestones in (("a", {"sold_at": "2024-01-01 10:00:00"}), ("c", {})):
        rows.a_unit(f"sku:A/{1 if milestones else 2}/{unit}", "SOLD", **milestones)
    return rows


def run(*arguments: str) -> Result:
    app = importlib.import_module(VERBS[arguments[0]].module).app
    return CliRunner().invoke(app, list(arguments[1:]))


def shown(*arguments: str) -> Any:  # noqa: ANN401  JSON
    result = run(*arguments, "--json")
    assert result.exit_code == 0, (result.output, result.exception)
    return json.loads(result.stdout)


@pytest.mark.parametrize("kind", KINDS)
def test_each_says_whose_lifetimes_and_until_when(ledger: LedgerRows, kind: str) -> None:
    answer = shown(kind, "--by", "item", "--exposure", "in-service")
    assert list(answer)[: len(HEAD)] == HEAD
    assert answer["kind"] == kind
    assert (answer["n"], answer["events"]) == (2, 1)
    assert answer["excluded"] == {"unknown_age": 1, "never_at_risk": 0}
    assert answer["data_end"] == "2024-01-20T10:00:00.000+00:00"
    assert answer["by"] == ["item"]
    assert answer["method"].endswith("; each label of a relabelled thing is a unit: RELABEL ends the old one")


def test_survival_from_the_sale(ledger: LedgerRows) -> None:
    points = shown("survival")["points"]
    assert [(row["time"], row["at_risk"], row["survival"]) for row in points] == [(10, 2, 0.5), (15, 1, 0.5)]


def test_the_share_that_does_fail_has_retirement_competing(ledger: LedgerRows) -> None:
    answer = shown("survival", "--cumulative-incidence")
    assert [(row["competing"], row["cumulative_incidence"]) for row in answer["points"]] == [(0, 0.5), (1, 0.5)]


def test_given_survival_to_an_age_and_as_of_a_day(ledger: LedgerRows) -> None:
    answer = shown("hazard", "--from-age", "10", "--as-of", "2024-01-12")
    assert answer["excluded"]["ended_before_from_age"] == 2  # b was last seen on its first day
    assert answer["data_end"] == "2024-01-12T00:00:00.000+00:00"


def test_a_ledger_without_scans_answers_all_the_same(ledger: LedgerRows) -> None:
    for kind in KINDS:
        answer = shown(kind, "--as-of", "1999-01-01", "--by", "item")
        assert (answer["n"], answer["data_end"]) == (0, None)
        assert answer["reason"] == "No unit counts: none was seen by a scan that took effect."


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["survival", "--by", "items"], "did you mean item?"),
        (["hazard", "--origin", "birth"], "'sold', 'commissioned', 'first-seen'"),
        (["mcf", "--as-of", "noon"], "2026-11-23T14:05:00Z"),
        (["weibull", "--level", "95"], "--level is between 0 and 1"),
        (["logrank"], "--by names the groups to compare"),
    ],
)
def test_wrong_use_is_told_what_would_be_right(ledger: LedgerRows, arguments: list[str], said: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert said in result.output


@pytest.mark.parametrize("kind", KINDS)
def test_where_no_unit_counts_the_reason_says_what_to_do(ledger: LedgerRows, kind: str) -> None:
    assert shown(kind, "--by", "item")["reason"] == "" or kind == "logrank"
    answer = shown(kind, "--by", "item", "--origin", "commissioned")
    assert (answer["n"], answer["excluded"]["unknown_age"]) == (0, 3)
    assert answer["reason"].startswith("No unit counts: 3 without this origin (choose another: sold,")
    assert answer["reason"] in run(kind, "--by", "item", "--origin", "commissioned").stderr


def test_where_no_site_sends_the_cohort_the_reason_names_it(ledger: LedgerRows) -> None:
    reason = shown("survival", "--by", "supplier")["reason"]
    assert "2 without a known supplier (split by something else, or let sites send it)" in reason
