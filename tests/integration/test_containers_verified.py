"""Containers through the whole ledger: worker, sink, the views, and a proof that finds nothing, or what was planted."""

import json
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from jobs.replay import app as replay
from pipeline.ledger.where import where_of
from pipeline.proof.backtest import Backtest
from pipeline.proof.trial import Candidates
from pipeline.proof.verify import Ledger, verify
from pipeline.settings import Settings
from pipeline.warehouse.client import Warehouse, connect
from tests.fixtures_clickhouse import EmbeddedClickHouse
from tests.logged_ledger import environment_of
from tests.oracle.arrivals import Arrival, a_site_load
from tests.oracle.choose import Seeded
from tests.oracle.group_histories import GROUP, LABELS, group_history, sscc
from tests.sinks import WAIT_SECONDS, Running, a_ledger
from tests.worker.running import running, send_arrivals
from tests.worker.test_containers import CASES, ITEMS, PALLET, a_pallet, scan, wait_until_quiet

PARTITIONS = 4
NEW_ITEM, NEW_CASE = "sku:ACME/PUMP/relabelled", sscc(31)


@pytest.fixture(scope="module")
def proved(
    kafka_bootstrap: str, embedded_clickhouse: EmbeddedClickHouse, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ledger]:
    """Returns a ledger with a pallet that moved, was corrected and emptied, and groups of units in each other."""
    name, folder = f"t{uuid.uuid4().hex[:12]}", tmp_path_factory.mktemp("home")
    server = embedded_clickhouse
    with connect(server.url, user=server.user, password=server.password) as outside:
        outside.command(f"CREATE DATABASE {name}")
    with connect(server.url, user=server.user, password=server.password, database=name) as warehouse:
        settings = a_ledger(kafka_bootstrap, f"{name}-", warehouse, server, PARTITIONS)
        live(settings.model_copy(update={"home": folder, "session_timeout_seconds": 6}), folder)
        sinks = Running(settings, warehouse)
        sinks.start()
        try:
            yield Ledger(settings, warehouse, WAIT_SECONDS)
        finally:
            sinks.stop_all()
            warehouse.command(f"DROP DATABASE {name} SYNC")


def live(settings: Settings, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    later = [
        scan(PALLET, "SHIP", 10, destination="munich", document="asn:7"),
        scan(PALLET, "RECEIVE", 200, "munich"),
        scan(PALLET, "VOID", 201, corrects=f"{PALLET} SHIP 10"),
        scan(PALLET, "UNPACK", 300, "munich", container=PALLET),
        scan(ITEMS[0], "INSTALL", 400, "munich", other_unit="sku:ACME/MACHINE/1"),
    ]
    with running(settings) as worker:
        labelled = group_history(Seeded(5), 150, (*GROUP, *LABELS.values()), labels=LABELS)
        early = [scan("sku:ACME/PUMP/early", "OBSERVE", 510, "munich")]
        parts = [a_site_load(), *a_pallet()], later, group_history(Seeded(3), 150), relabelled(), labelled
        for part in (*parts, early, known_late()):
            send_arrivals(settings, part, PARTITIONS)
            wait_until_quiet(settings)
        assert worker.stop() == 0


def relabelled() -> list[Arrival]:
    """Returns scans by which a case and what was in it get new labels, the old ones of which are read once more."""
    case, item = CASES[3], "sku:ACME/PUMP/labelled"
    scans = [scan(item, "COMMISSION", 500), scan(item, "PACK", 501, container=case)]
    scans += [scan(item, "RELABEL", 502, other_unit=NEW_ITEM), scan(case, "RELABEL", 503, other_unit=NEW_CASE)]
    return [*scans, scan(case, "SHIP", 504, "munich"), scan(item, "OBSERVE", 505, "munich")]


def known_late() -> list[Arrival]:
    """Returns scans by which a label is known that was read before: an alert opens for it."""
    old = "sku:ACME/PUMP/late"
    return [scan(old, "COMMISSION", 508), scan(old, "RELABEL", 509, other_unit="sku:ACME/PUMP/early")]


def test_labels_lead_to_the_unit_that_goes_on(proved: Ledger) -> None:
    verify(proved)
    ask = proved.warehouse.query_rows
    found = ask(
        "SELECT label, unit_key FROM v_labels WHERE unit_key IN {new:Array(String)}", {"new": [NEW_ITEM, NEW_CASE]}
    )
    assert set(found) == {("sku:ACME/PUMP/labelled", NEW_ITEM), (CASES[3], NEW_CASE)}
    now = ask("SELECT container, state, site FROM v_unit_current WHERE unit_key = {unit:String}", {"unit": NEW_ITEM})
    assert now == [(NEW_CASE, "IN_TRANSIT", "munich")]
    stays = ask("SELECT container FROM v_memberships WHERE member = {unit:String} ORDER BY `from`", {"unit": NEW_ITEM})
    assert stays == [(CASES[3],), (NEW_CASE,)]
    wrong = ask("SELECT label FROM v_labels WHERE unit_key IN (SELECT label FROM v_labels) AND label != unit_key")
    assert wrong == []


def test_nothing_is_wrong_with_a_ledger_of_containers(proved: Ledger) -> None:
    report = verify(proved)
    assert [result.examples for result in report.results.values()] == [[]] * 6
    derived = proved.warehouse.query_rows("SELECT count() FROM unit_events WHERE origin = 'DERIVED'")[0][0]
    assert derived > 2 * len(ITEMS)
    assert report.results["ordinals"].compared > derived


def test_a_backtest_under_the_rules_as_they_were_finds_what_containers_and_labels_came_to(proved: Ledger) -> None:
    verify(proved)
    wheres = [where_of(proved.settings, partition, PARTITIONS) for partition in range(PARTITIONS)]
    tried = Backtest(proved.warehouse, Candidates()).run(wheres)
    assert (tried.changes, tried.first_changed, tried.revisions_changed, tried.missing) == ([], 0, 0, 0)
    assert +tried.openings == tried.live_openings
    by_labels = "(partition, {}) IN (SELECT partition, ordinal FROM acts WHERE kind = 'ALIAS')"
    ((revisions, alerts),) = proved.warehouse.query_rows(
        f"SELECT (SELECT count() FROM unit_revisions WHERE {by_labels.format('caused_by')}),"
        f" (SELECT count() FROM alerts WHERE event = 'OPENED' AND {by_labels.format('ordinal')})"
    )
    assert min(revisions, alerts) > 0


def test_a_replay_makes_everything_of_containers_and_labels_again(proved: Ledger) -> None:
    words = ["--into", f"side_{uuid.uuid4().hex[:12]}", "--json"]
    replayed = CliRunner().invoke(replay, words, env=environment_of(proved.settings))
    assert replayed.exit_code == 0, replayed.output
    compared = {table["table"]: table["compared"] for table in json.loads(replayed.stdout)["tables"]}
    tables = "unit_events", "unit_revisions", "acts", "alerts"
    counts = ", ".join(f"(SELECT count() FROM {table})" for table in tables)
    assert proved.warehouse.query_rows(f"SELECT {counts}") == [tuple(compared[table] for table in tables)]


def test_the_views_tell_the_stays_that_the_ledger_knows(proved: Ledger) -> None:
    verify(proved)
    stays = proved.warehouse.query_rows(
        "SELECT container, count(), countIf(`to` IS NULL) FROM v_memberships WHERE container IN"
        " {cases:Array(String)} AND startsWith(member, 'sku:ACME/PUMP/') GROUP BY container ORDER BY container",
        {"cases": CASES},
    )
    assert {case: count for case, count, _ in stays}.keys() == set(CASES)
    for table, other in (("v_memberships", "container"), ("v_assemblies", "parent")):
        told, name = ("member", "container") if other == "container" else ("component", "product")
        differing = proved.warehouse.query_rows(
            f"SELECT unit_key, {other}, stay.{name} FROM v_unit_current"
            f" LEFT JOIN (SELECT {told}, {name} FROM {table} WHERE `to` IS NULL) AS stay ON unit_key = stay.{told}"
            f" WHERE ifNull({other}, '') != stay.{name}"
        )
        assert differing == []


def count_problems(ledger: Ledger) -> set[str]:
    return {check for check, result in verify(ledger).results.items() if result.problems}


def test_a_derived_scan_that_is_missing_is_found_and_put_back(proved: Ledger) -> None:
    warehouse: Warehouse = proved.warehouse
    verify(proved)
    warehouse.command(
        "DELETE FROM unit_events WHERE (partition, ordinal) IN"
        " (SELECT partition, max(ordinal) FROM unit_events WHERE origin = 'DERIVED' GROUP BY partition LIMIT 1)"
    )
    assert count_problems(proved) == {"ordinals", "offsets", "streams", "fold"}
    mended = verify(proved, with_repair=True)
    assert (mended.is_ok, mended.repaired) == (True, 1)


def test_an_edge_that_came_otherwise_is_found(proved: Ledger) -> None:
    warehouse: Warehouse = proved.warehouse
    verify(proved)
    at = "kind = 'EDGE' AND content LIKE '%added%' AND JSONExtractRaw(content, 'added') != '[]'"
    warehouse.command("CREATE TABLE kept AS acts ENGINE = MergeTree ORDER BY ordinal")
    warehouse.command(f"INSERT INTO kept SELECT * FROM acts WHERE {at} ORDER BY partition, ordinal LIMIT 1")
    warehouse.command("DELETE FROM acts WHERE (partition, ordinal) IN (SELECT partition, ordinal FROM kept)")
    changed = "replaceRegexpOne(content, '\"added\": .*?\\\\]\\\\]', '\"added\": []') AS content"
    warehouse.command(f"INSERT INTO acts SELECT * REPLACE ({changed}) FROM kept")
    try:
        assert {"streams", "fold"} <= count_problems(proved)
    finally:
        warehouse.command("DELETE FROM acts WHERE (partition, ordinal) IN (SELECT partition, ordinal FROM kept)")
        warehouse.command("INSERT INTO acts SELECT * FROM kept")
    assert verify(proved).is_ok
