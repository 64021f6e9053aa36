"""Inserts into the embedded ClickHouse: every format, wherever the data begins, and the true number of rows."""

import gzip
import io
import json
import uuid
from collections.abc import Iterator

import fastavro
import httpx
import pytest

from tests.fixtures_clickhouse import EmbeddedClickHouse

ROWS = [(1, "one"), (2, "two; FORMAT CSV"), (3, "it's\n'3'")]
AVRO = {
    "type": "record",
    "name": "row",
    "fields": [{"name": "a", "type": "int"}, {"name": "s", "type": "string"}],
}


@pytest.fixture
def http(embedded_clickhouse: EmbeddedClickHouse) -> Iterator[httpx.Client]:
    """A client on a database of its own with a table `t (a Int32, s String DEFAULT 'none')`."""
    auth = (embedded_clickhouse.user, embedded_clickhouse.password)
    database = f"test_{uuid.uuid4().hex[:12]}"
    with httpx.Client(base_url=embedded_clickhouse.url, auth=auth, timeout=60) as outside:
        post(outside, f"CREATE DATABASE {database}")
        with httpx.Client(
            base_url=embedded_clickhouse.url, auth=auth, timeout=60, params={"database": database}
        ) as client:
            post(client, "CREATE TABLE t (a Int32, s String DEFAULT 'none') ENGINE = MergeTree ORDER BY a")
            yield client
        post(outside, f"DROP DATABASE {database} SYNC")


def post(http: httpx.Client, body: str | bytes, **parameters: str | int) -> httpx.Response:
    response = http.post("/", params=parameters, content=body)
    assert response.status_code == 200, response.text
    return response


def written(response: httpx.Response) -> int:
    return int(json.loads(response.headers["x-clickhouse-summary"])["written_rows"])


def rows(http: httpx.Client) -> list[list[object]]:
    text = post(http, "SELECT a, s FROM t ORDER BY a, s FORMAT JSONCompactEachRow").text
    return [json.loads(line) for line in text.splitlines()]


def in_format(http: httpx.Client, name: str) -> bytes:
    """Return ROWS in a format, made by the engine itself from JSON."""
    source = "\n".join(json.dumps({"a": a, "s": s}) for a, s in ROWS)
    sql = "SELECT * FROM format(JSONEachRow, 'a Int32, s String', {rows:String})"
    escaped = source.replace("\\", "\\\\").replace("\n", "\\n")
    return post(http, sql, default_format=name, param_rows=escaped).content


@pytest.mark.parametrize(
    "name",
    [
        *("Native", "RowBinary", "RowBinaryWithNamesAndTypes", "Arrow", "ArrowStream", "Parquet", "ORC", "Avro"),
        *("JSONEachRow", "JSONCompactEachRow", "JSON", "CSV", "CSVWithNames", "TabSeparated", "TSVWithNamesAndTypes"),
        *("TSKV", "Values", "MsgPack", "BSONEachRow", "JSONColumns"),
    ],
)
@pytest.mark.parametrize("place", ["body", "behind the statement"])
def test_every_input_format_brings_its_rows(http: httpx.Client, name: str, place: str) -> None:
    payload = in_format(http, name)
    statement = f"INSERT INTO t (a, s) FORMAT {name}"
    if place == "body":
        response = post(http, payload, query=statement)
    else:
        response = post(http, statement.encode() + b"\n" + payload)
    assert written(response) == 3
    assert rows(http) == [list(row) for row in ROWS]


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO t VALUES (1, 'x')",
        "insert into t(a,s)values(1,'x')",
        "INSERT INTO t (a, s) VALUES (1, 'x');",
        "INSERT /* VALUES (2, 'y') FORMAT CSV */ INTO t -- FORMAT TSV\n(a, s) VALUES (1, 'x')",
        "INSERT INTO TABLE t (* EXCEPT(s), s) VALUES (1, 'x')",
        "INSERT INTO `t` (`a`, \"s\") VALUES (0 + 1, concat('', 'x'))",
        'INSERT INTO t FORMAT JSONEachRow {"a": 1, "s": "x"}',
        'INSERT INTO t (a, s) FORMAT JSONEachRow\n\n{"a": 1, "s": "x"}\n',
        "INSERT INTO t SETTINGS max_insert_threads = 1 FORMAT CSV\r\n1,x\r\n",
        "INSERT INTO t SELECT 1, 'x'",
        "INSERT INTO t SELECT 1 AS values, 'x' AS format",
        "INSERT INTO t WITH 'x' AS y SELECT 1, y",
        "INSERT INTO t (a, s) (SELECT 1, 'x')",
    ],
)
def test_the_data_of_an_insert_are_found_however_it_is_written(http: httpx.Client, statement: str) -> None:
    assert written(post(http, statement)) == 1
    assert rows(http) == [[1, "x"]]


def test_a_table_may_be_called_like_a_keyword(http: httpx.Client) -> None:
    post(http, "CREATE TABLE values (format Int8) ENGINE = Memory")
    assert written(post(http, "INSERT INTO values FORMAT CSV\n1\n2\n")) == 2
    assert written(post(http, "INSERT INTO values (format) VALUES (3)")) == 1


def test_data_that_look_like_sql_are_data(http: httpx.Client) -> None:
    post(http, "INSERT INTO t FORMAT TSV\n1\t'; SELECT 1; -- FORMAT CSV\n2\t/* `\n")
    assert rows(http) == [[1, "'; SELECT 1; -- FORMAT CSV"], [2, "/* `"]]


def test_columns_left_out_take_their_defaults(http: httpx.Client) -> None:
    post(http, '{"a": 1}', query="INSERT INTO t FORMAT JSONEachRow")
    assert rows(http) == [[1, "none"]]


def test_an_insert_without_rows_writes_none(http: httpx.Client) -> None:
    assert written(post(http, b"", query="INSERT INTO t FORMAT TSV")) == 0


def test_input_feeds_a_select_and_answers_with_what_was_written(http: httpx.Client) -> None:
    body = io.BytesIO()
    fastavro.writer(body, AVRO, [{"a": a, "s": s} for a, s in ROWS])
    statement = (
        "INSERT INTO t (a, s) SELECT a + 1, upper(s) FROM input('a Int32, s String')"
        " WHERE a NOT IN (SELECT a FROM t) AND a > 1 FORMAT Avro"
    )
    assert written(post(http, body.getvalue(), query=statement)) == 2
    assert rows(http) == [[3, "TWO; FORMAT CSV"], [4, "IT'S\n'3'"]]


@pytest.mark.parametrize("name", ["CSV", "JSONEachRow", "RowBinary", "Native", "TSV"])
def test_input_takes_any_format(http: httpx.Client, name: str) -> None:
    statement = f"INSERT INTO t SELECT a, s FROM input('a Int32, s String') FORMAT {name}"
    assert written(post(http, in_format(http, name), query=statement)) == 3
    assert rows(http) == [list(row) for row in ROWS]


def test_input_reads_the_fields_of_a_nested_record(http: httpx.Client) -> None:
    nested = {
        "type": "record",
        "name": "verdict",
        "fields": [{"name": "scan", "type": AVRO}, {"name": "ordinal", "type": "long"}],
    }
    body = io.BytesIO()
    fastavro.writer(body, nested, [{"scan": {"a": 1, "s": "x"}, "ordinal": 7}])
    statement = "INSERT INTO t SELECT `scan.a`, `scan.s` FROM input('`scan.a` Int32, `scan.s` String') FORMAT Avro"
    assert written(post(http, body.getvalue(), query=statement)) == 1
    assert rows(http) == [[1, "x"]]


def test_an_insert_is_one_block_where_it_is_asked_to_be(http: httpx.Client) -> None:
    count = 1_500_000
    body = b"".join(b"%d\n" % n for n in range(count))
    one_block = {
        "max_insert_block_size": 10_000_000,
        "min_insert_block_size_rows": 10_000_000,
        "min_insert_block_size_bytes": 0,
    }
    sql = "SELECT count() FROM system.parts WHERE table = 't' AND database = currentDatabase() AND level = 0 AND active"
    post(http, body, query="INSERT INTO t (a) FORMAT TSV", **one_block)
    assert post(http, sql).text == "1\n"
    post(http, "TRUNCATE TABLE t")
    post(http, body, query="INSERT INTO t (a) SELECT a FROM input('a Int32') FORMAT TSV", **one_block)
    assert post(http, sql).text == "1\n"


@pytest.mark.parametrize(
    ("statement", "body", "code"),
    [
        ("INSERT INTO t (a) FORMAT CSV", b"not a number\n", None),
        ("INSERT INTO t (nope) FORMAT CSV", b"1\n", "16"),
        ("INSERT INTO nowhere (a) FORMAT CSV", b"1\n", "60"),
        ("INSERT INTO t (a) FORMAT NoSuchFormat", b"1\n", "73"),
        ("INSERT INTO t SELECT a FROM input('a Int32') FORMAT Avro", b"no avro", None),
        ("INSERT INTO t SELECT a FROM input(5) FORMAT Avro", b"", "62"),
        ("INSERT INTO t (a) FORMAT Native", b"\xff\xff\xff\xff", None),
    ],
)
def test_a_bad_insert_is_refused_and_writes_nothing(
    http: httpx.Client, statement: str, body: bytes, code: str | None
) -> None:
    response = http.post("/", params={"query": statement}, content=body)
    assert response.status_code in (400, 404, 500)
    assert response.text.startswith("Code: ")
    assert code in (None, response.headers["x-clickhouse-exception-code"])
    assert rows(http) == []


def test_a_compressed_body_is_inserted(http: httpx.Client) -> None:
    packed = gzip.compress(in_format(http, "Native"))
    query = {"query": "INSERT INTO t FORMAT Native"}
    assert written(http.post("/", params=query, content=packed, headers={"Content-Encoding": "gzip"})) == 3
    assert rows(http) == [list(row) for row in ROWS]
