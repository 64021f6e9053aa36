"""The warehouse's own migrations: up and down again, columns as the schemas say, views with the newest decision."""

import json

import pytest

from pipeline.warehouse.client import Warehouse
from pipeline.warehouse.delivery_rows import COLUMNS, insert_statement, row_of
from pipeline.warehouse.migrate import down, read_migrations, rendered, up
from pipeline.warehouse.tables import TABLES, Table
from pipeline.wire.schemas import catalogue
from tests.databases import MIGRATIONS

OWN = {"schema_migrations"}


def tables(warehouse: Warehouse) -> set[str]:
    rows = warehouse.query_rows("SELECT name FROM system.tables WHERE database = currentDatabase()")
    return {name for (name,) in rows} - OWN


def test_migrations_go_up_down_and_up_again(bare_warehouse: Warehouse) -> None:
    up(bare_warehouse, MIGRATIONS, "embedded")
    made = tables(bare_warehouse)
    assert {"unit_events", "unit_state", "v_unit_events", "v_alerts", "v_unit_current"} <= made
    down(bare_warehouse, MIGRATIONS, "embedded", steps=None)
    assert tables(bare_warehouse) == set()
    up(bare_warehouse, MIGRATIONS, "embedded")
    assert tables(bare_warehouse) == made


def test_every_migration_is_rendered_for_a_cluster() -> None:
    statements = rendered(read_migrations(MIGRATIONS), "cluster")
    assert sum("Replicated" in statement for statement in statements) == 12


KEY = "if(item = '', serial, concat(item, '/', serial))"


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_each_table_has_a_described_column_for_each_field(table: Table, warehouse: Warehouse) -> None:
    columns = warehouse.query_rows(
        "SELECT name, comment, default_kind FROM system.columns"
        " WHERE database = currentDatabase() AND table = {table:String}",
        {"table": table.name},
    )
    written = {name for name, _, kind in columns if kind != "MATERIALIZED"}
    assert written == set(table.columns(catalogue().version(table.record)))
    assert all(comment for _, comment, _ in columns)


def test_a_unit_has_one_number_in_every_table(warehouse: Warehouse) -> None:
    for item, serial in (("sku:ACME/PUMP", "a"), ("", "sscc:1")):
        told = {"item": item, "serial": serial, "unit_key": f"{item}/{serial}".removeprefix("/")}
        warehouse.command("INSERT INTO unit_events (item, serial) VALUES ({item:String}, {serial:String})", told)
        warehouse.command("INSERT INTO unit_revisions (item, serial) VALUES ({item:String}, {serial:String})", told)
        warehouse.command(
            "INSERT INTO unit_state (unit_key, item, serial)"
            " VALUES ({unit_key:String}, {item:String}, {serial:String})",
            told,
        )
    by_table = [
        warehouse.query_rows(f"SELECT unit_id, cityHash64({key}) FROM {table} ORDER BY item")
        for table, key in (("unit_events", KEY), ("unit_revisions", KEY), ("unit_state", "unit_key"))
    ]
    by_table.append(warehouse.query_rows("SELECT unit_id, cityHash64(unit_key) FROM v_unit_events ORDER BY item"))
    assert all(rows == by_table[0] and all(one == other for one, other in rows) for rows in by_table)
    assert len(set(by_table[0])) == 2


def test_a_view_shows_the_revision_with_the_highest_sequence(warehouse: Warehouse) -> None:
    warehouse.command(
        "INSERT INTO unit_events (partition, ordinal, item, serial, outcome, reason, sequence, sold_at)"
        " VALUES (0, 1, 'i', 'a', 'ACCEPTED', 'NONE', 1, 5), (0, 2, '', 'sscc:1', 'ACCEPTED', 'NONE', 1, NULL)"
    )
    warehouse.command(
        "INSERT INTO unit_revisions (partition, ordinal, caused_by, n, outcome, reason, sequence, sold_at) VALUES"
        " (0, 1, 9, 0, 'REJECTED', 'RETRACTED', 3, NULL), (0, 1, 7, 0, 'FLAGGED', 'ADOPTED', 2, 6),"
        " (1, 2, 7, 0, 'FLAGGED', 'ADOPTED', 2, 6)"
    )
    found = warehouse.query_rows(
        "SELECT unit_key, outcome, reason, sequence, sold_at, first_outcome, revised_by FROM v_unit_events"
        " ORDER BY ordinal"
    )
    assert found[0] == ("i/a", "REJECTED", "RETRACTED", 3, None, "ACCEPTED", 9)
    assert found[1] == ("sscc:1", "ACCEPTED", "NONE", 1, None, "ACCEPTED", 0)


def test_the_view_of_alerts_counts_evidence_while_an_opening_is_the_latest(warehouse: Warehouse) -> None:
    warehouse.command(
        "INSERT INTO alerts (partition, ordinal, n, id, subject, kind, opening, status, count, site) VALUES"
        " (0, 5, 0, 'one', 'unit:i/a', 'K', 1, 'OPEN', 1, 'here'),"
        " (0, 9, 0, 'one', 'unit:i/a', 'K', 1, 'CLOSED', 4, ''),"
        " (0, 12, 0, 'two', 'unit:i/a', 'K', 2, 'OPEN', 1, 'there')"
    )
    warehouse.command(
        "INSERT INTO unit_state (unit_key, item, serial, sequence, alerts) VALUES"
        " ('i/a', 'i', 'a', 1, [('K', 2, 'OPEN', 1)]), ('i/a', 'i', 'a', 2, [('K', 2, 'OPEN', 8)])"
    )
    found = warehouse.query_rows("SELECT id, unit_key, status, count, site FROM v_alerts ORDER BY id")
    assert found == [("one", "i/a", "CLOSED", 4, "here"), ("two", "i/a", "OPEN", 8, "there")]


def test_the_view_of_alerts_counts_what_findings_state_of_any_subject(warehouse: Warehouse) -> None:
    warehouse.command(
        "INSERT INTO alerts (partition, ordinal, n, id, subject, kind, opening, status, count) VALUES"
        " (0, 1, 0, 'one', 'site:munich', 'SILENT_SITE', 1, 'OPEN', 1),"
        " (0, 3, 0, 'one', 'site:munich', 'SILENT_SITE', 1, 'CLOSED', 2),"
        " (0, 4, 0, 'two', 'site:munich', 'SILENT_SITE', 2, 'OPEN', 1),"
        " (0, 6, 0, 'own', 'unit:i/a', 'SENSOR_ALARM', 1, 'OPEN', 1)"
    )
    warehouse.command("INSERT INTO unit_state (unit_key, sequence, alerts) VALUES ('i/a', 1, [('K', 1, 'OPEN', 8)])")
    content = '{"kind": "SILENT_SITE", "window": {"from": 1700000000000, "to": null}, "holds": true, "evidence": {}}'
    for ordinal, result, reason in ((1, "APPLIED", "opening 1, count 1"), (2, "APPLIED", "opening 1, count 2"),
                                    (4, "APPLIED", "opening 2, count 1"), (5, "APPLIED", "opening 2, count 7"),
                                    (7, "STALE", "version")):  # fmt: skip
        warehouse.command(
            "INSERT INTO acts (partition, ordinal, kind, subject, result, reason, content) VALUES"
            " (0, {ordinal:UInt64}, 'FINDING', 'site:munich', {result:String}, {reason:String}, {content:String})",
            {"ordinal": ordinal, "result": result, "reason": reason, "content": content},
        )
    found = warehouse.query_rows("SELECT id, subject, unit_key, status, count FROM v_alerts ORDER BY id")
    assert found == [
        ("one", "site:munich", "", "CLOSED", 2), ("own", "unit:i/a", "i/a", "OPEN", 1),
        ("two", "site:munich", "", "OPEN", 7),
    ]  # fmt: skip
    ((kind, begins, ends, holds),) = warehouse.query_rows(
        "SELECT DISTINCT kind, toUnixTimestamp64Milli(window_from), window_to, holds FROM v_findings"
    )
    assert (kind, begins, ends, holds) == ("SILENT_SITE", 1_700_000_000_000, None, True)


def test_a_delivery_stands_as_its_newest_change_says_however_often_it_was_written(warehouse: Warehouse) -> None:
    for n, outcome, state in ((2, "RETRY", "PENDING"), (1, "QUEUED", "PENDING"), (3, "DELIVERED", "DELIVERED")) * 2:
        warehouse.command(
            "INSERT INTO deliveries (id, n, outcome, state, route, received_at, changed_at) VALUES"
            " ('d', {n:UInt32}, {outcome:String}, {state:String}, 'all', 1000, 1000 + {n:UInt32})",
            {"n": n, "outcome": outcome, "state": state},
        )
    assert warehouse.query_rows("SELECT count() FROM deliveries FINAL") == [(3,)]
    ((id_, state, latency, attempts),) = warehouse.query_rows(
        "SELECT id, state, latency_ms, attempts FROM v_deliveries"
    )
    assert (id_, state, latency, attempts) == ("d", "DELIVERED", 3_000, 0)


def test_every_column_of_deliveries_is_written_and_described(warehouse: Warehouse) -> None:
    change = {name: 1 if kind != "String" else "x" for name, kind in COLUMNS.items()}
    assert warehouse.insert_avro(insert_statement(), row_of(json.dumps(change)) * 2) == 2
    columns = warehouse.query_rows(
        "SELECT name, comment FROM system.columns WHERE database = currentDatabase() AND table = 'deliveries'"
    )
    assert [name for name, _ in columns] == list(COLUMNS)
    assert all(comment for _, comment in columns)
