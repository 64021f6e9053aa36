"""Real clients of ClickHouse's HTTP interface on the embedded server: clickhouse-connect and clickhouse-sqlalchemy."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import clickhouse_connect
import pyarrow as pa
import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError, StreamFailureError
from clickhouse_connect.driver.summary import QuerySummary
from clickhouse_sqlalchemy import engines, make_session, types
from sqlalchemy import Column, MetaData, Table, create_engine, func, inspect, select

from tests.fixtures_clickhouse import EmbeddedClickHouse

WHEN = datetime(2026, 11, 23, 17, 30, 15, 123000, tzinfo=UTC)
COLUMNS = ["n", "s", "at", "l", "a", "m", "u"]
ROW = [1, "it's", WHEN, "low", ["x", "y"], {"k": 2}, uuid.UUID(int=7)]


def connected(server: EmbeddedClickHouse, user: str, password: str, **options: Any) -> Client:  # noqa: ANN401 - what the client takes
    return clickhouse_connect.get_client(
        host="127.0.0.1", port=server.port, username=user, password=password, **options
    )


@pytest.fixture
def client(embedded_clickhouse: EmbeddedClickHouse) -> Iterator[Client]:
    """A client as it comes, with the session it makes for itself, beside a table of many types."""
    server = embedded_clickhouse
    client = connected(server, server.user, server.password)
    client.command(
        "CREATE OR REPLACE TABLE types (n Int64, s Nullable(String), at DateTime64(3, 'UTC'), l LowCardinality(String),"
        " a Array(String), m Map(String, Int32), u UUID) ENGINE = MergeTree ORDER BY n"
    )
    yield client
    client.close()


@pytest.mark.parametrize("compress", [True, False, "gzip", "zstd", "lz4"])
def test_values_of_every_type_come_back_as_they_went_in(
    embedded_clickhouse: EmbeddedClickHouse, client: Client, compress: bool | str
) -> None:
    server = embedded_clickhouse
    packing = connected(server, server.user, server.password, compress=compress)
    summary = packing.insert("types", [ROW, [2, None, WHEN, "low", [], {}, uuid.UUID(int=8)]], column_names=COLUMNS)
    assert summary.written_rows == 2
    first, second = packing.query("SELECT * FROM types ORDER BY n", query_tz="UTC", tz_mode="aware").result_rows
    assert list(first) == ROW
    assert second[1] is None
    packing.close()


def test_arrow_goes_in_and_out(client: Client) -> None:
    table = pa.table({"n": pa.array(range(1000), pa.int64()), "s": [str(n) for n in range(1000)]})
    assert client.insert_arrow("types", table).written_rows == 1000
    assert client.query_arrow("SELECT n, s FROM types ORDER BY n").column("s").to_pylist()[-1] == "999"


def test_large_results_stream_in_blocks(client: Client) -> None:
    with client.query_row_block_stream("SELECT number FROM numbers(500000)") as stream:
        assert sum(len(block) for block in stream) == 500_000


def test_parameters_are_bound_by_client_and_server(client: Client) -> None:
    assert client.query("SELECT {x:String}", parameters={"x": "it's\n\\"}).first_row == ("it's\n\\",)
    assert client.query("SELECT %(x)s", parameters={"x": "it's\n\\"}).first_row == ("it's\n\\",)


def test_commands_answer_with_values_or_summaries(client: Client) -> None:
    assert client.command("SELECT 5") == 5
    client.insert("types", [ROW], column_names=COLUMNS)
    assert client.command("SELECT count() FROM types") == 1
    assert isinstance(client.command("TRUNCATE TABLE types"), QuerySummary)
    assert client.command("SELECT n FROM types") == ""


def test_a_temporary_table_lives_in_the_client_s_session(client: Client) -> None:
    client.command("CREATE TEMPORARY TABLE scratch (a Int32)")
    client.insert("scratch", [[1], [2]], column_names=["a"])
    assert client.query("SELECT sum(a) FROM scratch").first_row == (3,)


def test_errors_arrive_before_and_within_a_stream(client: Client) -> None:
    with pytest.raises(DatabaseError, match="UNKNOWN_TABLE") as refused:
        client.query("SELECT * FROM nowhere")
    assert refused.value.code == 60
    failing = "SELECT throwIf(number = 900000) FROM numbers(1000000)"
    with pytest.raises(DatabaseError, match="395"):
        client.query(failing)
    with pytest.raises(StreamFailureError, match="395"), client.query_row_block_stream(failing) as stream:
        list(stream)


def test_an_analyst_s_client_may_give_its_settings(embedded_clickhouse: EmbeddedClickHouse) -> None:
    server = embedded_clickhouse
    analyst = connected(server, server.analyst, server.analyst_password, settings={"max_execution_time": 30})
    assert analyst.query("SELECT getSetting('max_threads')", settings={"max_threads": 1}).first_row == (1,)
    with pytest.raises(DatabaseError, match="ACCESS_DENIED"):
        analyst.query("SELECT file('/etc/passwd')")
    analyst.close()


def test_sqlalchemy_s_http_dialect_makes_fills_and_asks(embedded_clickhouse: EmbeddedClickHouse) -> None:
    server = embedded_clickhouse
    url = f"clickhouse+http://{server.user}:{server.password}@127.0.0.1:{server.port}/default"
    engine = create_engine(url)
    items = Table(
        "alchemy_items",
        MetaData(),
        Column("item", types.String, primary_key=True),
        Column("n", types.Int32),
        engines.MergeTree(order_by=["item"]),
    )
    session = make_session(engine)
    items.create(engine, checkfirst=True)
    session.execute(items.insert(), [{"item": "it's", "n": 1}, {"item": "b", "n": 2}])
    assert session.execute(select(items.c.item, items.c.n).order_by(items.c.n)).fetchall() == [("it's", 1), ("b", 2)]
    assert session.execute(select(func.sum(items.c.n))).scalar() == 3
    assert "alchemy_items" in inspect(engine).get_table_names()
    items.drop(engine)
    session.close()
    engine.dispose()
