"""The warehouse client on the embedded server."""

import io
import threading
import time
from datetime import datetime
from typing import Any
from unittest.mock import patch

import fastavro
import numpy as np
import pytest

from pipeline.errors import SettingsWrong, WarehouseDown, WarehouseRefused
from pipeline.warehouse.client import Warehouse, connect
from tests.fixtures_clickhouse import EmbeddedClickHouse, free_port

RECORD = {
    "type": "record",
    "name": "row",
    "fields": [{"name": "ordinal", "type": "long"}, {"name": "serial", "type": "string"}],
}
WRONG = "not the password"
INPUT = "SELECT ordinal, serial FROM input('ordinal Int64, serial String')"


def avro(rows: list[dict[str, Any]]) -> bytes:
    body = io.BytesIO()
    fastavro.writer(body, RECORD, rows)
    return body.getvalue()


@pytest.fixture
def table(bare_warehouse: Warehouse) -> Warehouse:
    bare_warehouse.command("CREATE TABLE t (ordinal Int64, serial String) ENGINE = MergeTree ORDER BY ordinal")
    return bare_warehouse


def test_an_avro_insert_through_input_writes_only_the_rows_that_are_missing(table: Warehouse) -> None:
    rows = [{"ordinal": n, "serial": f"S{n}"} for n in range(1, 101)]
    statement = f"INSERT INTO t (ordinal, serial) {INPUT} WHERE ordinal NOT IN (SELECT ordinal FROM t) FORMAT Avro"
    assert table.insert_avro(statement, avro(rows[:60])) == 60
    assert table.insert_avro(statement, avro(rows)) == 40
    assert table.insert_avro(statement, avro(rows)) == 0
    assert table.query_rows("SELECT count(), uniqExact(ordinal), max(serial = 'S100') FROM t") == [(100, 100, 1)]


def test_a_guard_in_the_statement_keeps_a_superseded_epoch_out(table: Warehouse) -> None:
    statement = f"INSERT INTO t (ordinal, serial) {INPUT} WHERE (SELECT 2) <= 1 FORMAT Avro"
    assert table.insert_avro(statement, avro([{"ordinal": 1, "serial": "A"}])) == 0


def test_one_insert_is_one_part_whatever_its_size(table: Warehouse) -> None:
    rows = [{"ordinal": n, "serial": "S"} for n in range(200_000)]
    assert table.insert_avro(f"INSERT INTO t (ordinal, serial) {INPUT} FORMAT Avro", avro(rows)) == 200_000
    parts = "SELECT count(), sum(rows) FROM system.parts WHERE database = currentDatabase() AND level = 0 AND active"
    assert table.query_rows(parts) == [(1, 200_000)]


def test_an_avro_insert_without_input_reports_its_rows(table: Warehouse) -> None:
    rows = [{"ordinal": 1, "serial": "A"}, {"ordinal": 2, "serial": "B"}]
    assert table.insert_avro("INSERT INTO t (ordinal, serial) FORMAT Avro", avro(rows)) == 2


def test_results_come_as_rows_columns_frames_and_bytes(table: Warehouse) -> None:
    table.command("INSERT INTO t VALUES (1, 'A'), (2, 'B')")
    sql = "SELECT * FROM t WHERE ordinal >= {least:Int64} ORDER BY ordinal"
    assert table.query_rows(sql, {"least": 2}) == [(2, "B")]
    numbers = sql.replace("*", "ordinal")
    assert table.query_columns(numbers, {"least": 1})["ordinal"].tolist() == [1, 2]
    assert table.query_columns(numbers, {"least": 9}).get("ordinal", np.empty(0)).size == 0
    assert table.query_frame(sql, {"least": 1})["serial"].to_list() == ["A", "B"]
    assert table.raw_query(sql, "JSONEachRow", {"least": 2}) == b'{"ordinal":2,"serial":"B"}\n'


def test_a_time_comes_back_as_it_went_in(warehouse: Warehouse) -> None:
    when = datetime(2026, 11, 23, 17, 30, 15, 123000)  # noqa: DTZ001 - the driver returns UTC without a zone
    assert (
        warehouse.query_rows("SELECT toDateTime64('2026-11-23 17:30:15.123', 3, 'UTC')")[0][0].replace(tzinfo=None)
        == when
    )


def test_a_refused_statement_carries_its_code(warehouse: Warehouse) -> None:
    with pytest.raises(WarehouseRefused, match="nowhere") as refused:
        warehouse.query_rows("SELECT * FROM nowhere")
    assert refused.value.code == 60


def test_a_warehouse_that_is_not_there_is_down() -> None:
    with pytest.raises(WarehouseDown, match="CLICKHOUSE_URL"):
        connect(f"http://127.0.0.1:{free_port()}", user="ledger", password=WRONG)


def test_a_wrong_password_is_refused_by_code(embedded_clickhouse: EmbeddedClickHouse) -> None:
    with pytest.raises(WarehouseRefused) as refused:
        connect(embedded_clickhouse.url, user="ledger", password=WRONG)
    assert refused.value.code == 516


def test_a_senseless_url_is_a_wrong_setting() -> None:
    with pytest.raises(SettingsWrong, match="CLICKHOUSE_URL"):
        connect("localhost:8123", user="ledger", password=WRONG)


def test_kill_ends_a_running_statement_by_its_id(warehouse: Warehouse) -> None:
    failures: list[WarehouseRefused] = []

    def run_for_ever() -> None:
        try:
            warehouse.query_rows("SELECT count() FROM numbers(1000000000000) WHERE number % 3 = 1", query_id="for-ever")
        except WarehouseRefused as failure:
            failures.append(failure)

    thread = threading.Thread(target=run_for_ever)
    thread.start()
    deadline = time.monotonic() + 10
    while not warehouse.query_rows("SELECT 1 FROM system.processes WHERE query_id = 'for-ever'"):
        assert time.monotonic() < deadline
    warehouse.kill("for-ever")
    thread.join(10)
    assert [failure.code for failure in failures] == [394]
    warehouse.kill("nothing of that name")


def test_ping_tells_whether_it_answers(warehouse: Warehouse) -> None:
    assert warehouse.ping()


def test_a_frame_that_was_cut_off_is_no_smaller_one(table: Warehouse) -> None:
    sql = "SELECT number FROM numbers(200000)"
    body = table.raw_query(sql, "ArrowStream")
    with patch.object(Warehouse, "raw_query", return_value=body[:-8]), pytest.raises(WarehouseDown, match="cut off"):
        table.query_frame(sql)
