"""The verb `dossier` on rows of the real migrations: written, checked without a ledger, spoiled and found out."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from analytics.custody import Line
from analytics.dossier import dossier_lines
from analytics.labels import standing
from analytics.questions import ask
from jobs.cli import run_verb
from pipeline.domain.unit_key import parse
from pipeline.ledger.outputs import OWN_KEYS
from pipeline.warehouse.client import Warehouse
from pipeline.wire.schemas import decode, encode
from tests.fixtures_clickhouse import EmbeddedClickHouse
from tests.folded_ledger import FoldedLedger
from tests.ledger_rows import LedgerRows
from tests.oracle.arrivals import RECEIVED_AT, Arrival, a_site_load
from tests.oracle.choose import Seeded
from tests.oracle.generate import seeded_history
from tests.oracle.group_histories import GROUP, LABELS, group_history

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
def test_its_lines_are_counted_alike_when_it_is_written_and_when_it_is_checked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "unit.jsonl"
    assert run("key") == 0
    key = capsys.readouterr().out.strip()
    assert run(UNIT, "--out", str(file)) == 0
    assert "5 lines and the signature in" in capsys.readouterr().err
    assert run("verify", str(file), "--public-key", key) == 0
    assert "5 lines and the signature, as they were sealed" in capsys.readouterr().err


@pytest.mark.usefixtures("ledger")
def test_a_unit_that_nobody_scanned_has_no_dossier(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("gtin:09506000134352/NEVER") == 1
    assert "Nothing is known" in capsys.readouterr().err


def lines_of(warehouse: Warehouse, unit: str, removed: Line | None = None) -> list[Line]:
    """Returns the lines of a unit's events and revisions."""
    key = parse(unit)
    named = {"item": key.item, "serial": key.serial}
    parts = {kind: ask(warehouse, f"dossier_{kind}s", **named) for kind in ("event", "revision")}
    return [
        line
        for line in dossier_lines(unit, standing(warehouse, key), parts, removed)
        if line["line"] in {"event", "revision"}
    ]


def told(warehouse: Warehouse, unit: str) -> list[tuple[str, str | None]]:
    return [(line.get("step", line["line"]), line.get("custody")) for line in lines_of(warehouse, unit)]


def test_each_scan_says_who_has_the_unit_after_it(warehouse: Warehouse) -> None:
    ledger = LedgerRows(warehouse)
    for day, (step, site, destination, before, after) in enumerate(
        (
            ("COMMISSION", "S1", None, "NONE", "COMMISSIONED"),
            ("SHIP", "S1", "S2", "COMMISSIONED", "IN_TRANSIT"),
            ("OBSERVE", "S3", None, "IN_TRANSIT", "IN_TRANSIT"),
            ("RECEIVE", "S3", None, "IN_TRANSIT", "RECEIVED"),
            ("SHIP", "S3", None, "RECEIVED", "IN_TRANSIT"),
        ),
        start=1,
    ):
        ledger.a_scan(
            "sku:ACME/A/1", step, f"2024-05-0{day} 10:00:00", site=site, destination=destination, state_before=before,
            state_after=after,
        )  # fmt: skip
    ledger.a_scan(
        "sku:ACME/A/1", "SELL", "2024-05-07 10:00:00", "REJECTED", reason="ILLEGAL_TRANSITION", state_before="NONE"
    )
    ledger.a_scan("sku:ACME/A/1", "COUNT", "2024-05-07 11:00:00", "REPEATED", reason="REDELIVERED", state_before="")
    ledger.a_unit("sku:ACME/A/1", "IN_TRANSIT")
    assert told(warehouse, "sku:ACME/A/1") == [
        ("COMMISSION", "S1"), ("SHIP", "S2"), ("OBSERVE", "S2"), ("RECEIVE", "S3"), ("SHIP", ""), ("SELL", ""),
        ("COUNT", None),
    ]  # fmt: skip
    assert not any("handing" in line for line in lines_of(warehouse, "sku:ACME/A/1"))


def test_a_revision_says_who_has_the_unit_after_the_scan_as_decided_then(warehouse: Warehouse) -> None:
    ledger = LedgerRows(warehouse)
    received = ledger.a_scan(
        "sku:ACME/A/1", "RECEIVE", "2024-05-03 10:00:00", "REJECTED", reason="UNKNOWN_UNIT", site="S2"
    )
    counted = ledger.a_scan(
        "sku:ACME/A/1", "COUNT", "2024-05-04 10:00:00", "REJECTED", reason="UNKNOWN_UNIT", site="S2"
    )
    ledger.a_scan("sku:ACME/A/1", "COMMISSION", "2024-05-01 10:00:00", site="S1", state_after="COMMISSIONED")
    ledger.a_revision(received, "sku:ACME/A/1", "ACCEPTED", "NONE", state_before="COMMISSIONED", state_after="RECEIVED")
    ledger.a_revision(counted, "sku:ACME/A/1", "ACCEPTED", "NONE", state_before="RECEIVED", state_after="RECEIVED")
    ledger.a_revision(
        received, "sku:ACME/A/1", "REJECTED", "RETRACTED", state_before="COMMISSIONED", state_after="COMMISSIONED"
    )
    ledger.a_unit("sku:ACME/A/1", "COMMISSIONED")
    assert told(warehouse, "sku:ACME/A/1") == [
        ("RECEIVE", ""), ("COUNT", ""), ("COMMISSION", "S1"), ("revision", "S2"), ("revision", "S2"),
        ("revision", "S1"),
    ]  # fmt: skip


def test_custody_goes_by_the_lifecycle_in_force_when_the_scan_came(warehouse: Warehouse) -> None:
    ledger = LedgerRows(warehouse)
    ledger.an_act("LIFECYCLE", {"custody": {"INSPECT": "take"}}, subject="another")
    ledger.a_scan("sku:ACME/A/1", "COMMISSION", "2024-05-01 10:00:00", state_after="STORED")
    ledger.a_scan(
        "sku:ACME/A/1", "INSPECT", "2024-05-02 10:00:00", site="S2", state_before="STORED", state_after="STORED"
    )
    ledger.an_act("LIFECYCLE", {"custody": {"INSPECT": "take"}}, subject="retail")
    ledger.a_scan(
        "sku:ACME/A/1", "INSPECT", "2024-05-03 10:00:00", site="S3", state_before="STORED", state_after="STORED"
    )
    ledger.a_scan("sku:ACME/A/1", "SELL", "2024-05-04 10:00:00", site="S4", state_before="STORED", state_after="SOLD")
    ledger.a_unit("sku:ACME/A/1", "SOLD")
    assert told(warehouse, "sku:ACME/A/1") == [
        ("COMMISSION", "S1"),
        ("INSPECT", "S1"),
        ("INSPECT", "S3"),
        ("SELL", "S3"),
    ]


def test_where_scans_are_missing_custody_is_told_from_the_first_that_hands_the_unit_on(warehouse: Warehouse) -> None:
    ledger = LedgerRows(warehouse)
    for day, step, before in ((2, "COMMISSION", "NONE"), (12, "COUNT", "STORED"), (13, "RETURN", "SOLD")):
        ledger.a_scan("sku:ACME/A/1", step, f"2024-05-{day:02} 10:00:00", state_before=before, state_after="STORED")
    ledger.a_scan(
        "sku:ACME/A/1", "COUNT", "2024-05-14 10:00:00", site="S2", state_before="STORED", state_after="STORED"
    )
    ledger.a_unit("sku:ACME/A/1", "STORED")
    lines = lines_of(warehouse, "sku:ACME/A/1", removed={"before": datetime(2024, 5, 10, tzinfo=UTC)})
    assert [line.get("custody") for line in lines] == ["S1", None, "S1", "S1"]
    ledger.a_scan("sku:ACME/A/2", "COUNT", "2024-05-14 10:00:00", state_before="SOLD", state_after="SOLD")
    ledger.a_unit("sku:ACME/A/2", "SOLD")
    assert told(warehouse, "sku:ACME/A/2") == [("COUNT", None)]
    ledger.a_scan("sku:ACME/A/3", "COMMISSION", "2024-05-14 10:00:00")  # and no state of the unit is kept
    assert [line.keys() & {"custody", "handing"} for line in lines_of(warehouse, "sku:ACME/A/3")] == [set()]


@pytest.mark.parametrize("labels", [{}, LABELS])
def test_custody_of_the_newest_scan_is_what_the_ledger_kept_then(warehouse: Warehouse, labels: dict[str, str]) -> None:
    ledger = FoldedLedger(warehouse)
    ledger.internal(a_site_load().record, RECEIVED_AT)
    if labels:
        history = group_history(Seeded(5), 120, (*GROUP, *labels.values()), labels=labels)
    else:
        history = [one for one in seeded_history(3, 110) if one.is_scan and not one.is_derived and one.key is not None]
    kept = kept_after_each(ledger, history)
    heirs = {unit for (unit,) in warehouse.query_rows("SELECT DISTINCT subject FROM acts WHERE kind = 'ALIAS'")}
    compared = 0
    for unit in {unit for units in kept.values() for unit in units}:
        events = [line for line in lines_of(warehouse, unit) if line["line"] == "event"]
        came = Counter(line["received_at"] for line in events)
        for place, line in enumerate(events):
            is_newest = all(one["event_time"] < line["event_time"] for one in events[:place])
            if is_newest and came[line["received_at"]] == 1 and line["state_before"]:
                custody = line.get("custody")
                assert custody == kept[line["received_at"]][unit] or (custody is None and unit in heirs), line
                compared += custody is not None
    assert compared > 40


def kept_after_each(ledger: FoldedLedger, history: list[Arrival]) -> dict[str, dict[str, str]]:
    """Returns whom the ledger keeps as having which unit after each scan, by when that came: one a second."""
    kept = {}
    with ledger.at_once():
        for place, arrival in enumerate(history, start=1):
            when = RECEIVED_AT + place * 1000
            ledger.scans([arrival.key or b""], [encode("scan", arrival.record)], [when])
            records = ledger._memory.records  # noqa: SLF001  its memory is what is compared with
            units = {key.decode(): decode(value)[1] for key, value in records.items() if not key.startswith(OWN_KEYS)}
            text = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=when)).isoformat(timespec="milliseconds")
            kept[text] = {key: unit["custody"] or "" for key, unit in units.items()}
    return kept
