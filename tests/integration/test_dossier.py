"""The verb `dossier` on rows of the real migrations: written, checked without a ledger, spoiled and found out."""

from pathlib import Path

import pytest

from jobs.cli import run_verb
from pipeline.warehouse.client import Warehouse
from tests.fixtures_clickhouse import EmbeddedClickHouse
from tests.ledger_rows import LedgerRows

UNIT = "gtin:09506000134352/ABC123"


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        run_verb("dossier", list(arguments))
    return int(ended.value.code or 0)


@pytest.fixture
def ledger(
    warehouse: Warehouse, embedded_clickhouse: EmbeddedClickHouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> LedgerRows:
    monkeypatch.setenv("SCANLEDGER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CLICKHOUSE_URL", embedded_clickhouse.url)
    monkeypatch.setenv("CLICKHOUSE_PASSWORD", embedded_clickhouse.password)
    monkeypatch.setenv("CLICKHOUSE_DATABASE", warehouse.query_rows("SELECT currentDatabase()")[0][0])
    ledger = LedgerRows(warehouse)
    sold = ledger.a_scan(UNIT, "SELL", "2026-01-02 10:00:00", "REJECTED", reason="UNKNOWN_UNIT", lot="L7")
    ledger.a_scan(UNIT, "COMMISSION", "2026-01-01 10:00:00")
    ledger.a_revision(sold, UNIT, "ACCEPTED", "NONE")
    ledger.an_alert("a" * 32, UNIT, "SEEN_AFTER_END", "CLOSED", "CLOSED", author="ann", reason="label printed twice")
    ledger.a_unit(UNIT, "SOLD", sold_at="2026-01-02 10:00:00.000")
    ledger.a_scan("gtin:09506000134352/other", "COMMISSION", "2026-01-01 10:00:00")
    return ledger


@pytest.mark.usefixtures("ledger")
def test_a_dossier_is_checked_with_the_printed_key_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "unit.jsonl"
    assert run(UNIT, "--out", str(file)) == 0
    assert run("key") == 0
    key = capsys.readouterr().out.strip()
    monkeypatch.delenv("CLICKHOUSE_URL")
    text = file.read_text(encoding="utf-8")
    assert [text.count(f'"line":"{kind}"') for kind in ("event", "revision", "alert", "signature")] == [2, 1, 1, 1]
    assert '"author":"ann"' in text
    assert "other" not in text
    assert run("verify", str(file), "--public-key", key) == 0
    file.write_text(text.replace("L7", "L8"), encoding="utf-8")
    assert run("verify", str(file), "--public-key", key) == 1
    assert "its hash does not follow" in capsys.readouterr().err


@pytest.mark.usefixtures("ledger")
def test_a_unit_that_nobody_scanned_has_no_dossier(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("gtin:09506000134352/NEVER") == 1
    assert "Nothing is known" in capsys.readouterr().err
