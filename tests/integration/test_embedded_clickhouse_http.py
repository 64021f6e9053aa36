"""The embedded ClickHouse's interface, request by request: formats, parameters, settings, compression, errors."""

import json
from collections.abc import Iterator

import cramjam
import httpx
import pytest

from tests.fixtures_clickhouse import EmbeddedClickHouse

CODECS = {
    "gzip": cramjam.gzip,
    "zstd": cramjam.zstd,
    "lz4": cramjam.lz4,
    "br": cramjam.brotli,
    "deflate": cramjam.zlib,
}
NEEDS_MORE = {"AvroConfluent", "Template", "Protobuf", "ProtobufSingle", "ProtobufList", "CapnProto", "Prometheus"}
NEEDS_COLUMNS = {"RawBLOB", "PNG", "GeoJSON", "LineAsString", "Npy", "PostgreSQLWire", "MySQLWire", "ODBCDriver2"}


@pytest.fixture(scope="module")
def http(embedded_clickhouse: EmbeddedClickHouse) -> Iterator[httpx.Client]:
    auth = (embedded_clickhouse.user, embedded_clickhouse.password)
    with httpx.Client(base_url=embedded_clickhouse.url, auth=auth, timeout=60) as client:
        yield client


def ask(http: httpx.Client, sql: str, **parameters: str | int) -> str:
    response = http.post("/", params=parameters, content=sql)
    assert response.status_code == 200, response.text
    return response.text


@pytest.mark.parametrize("path", ["/ping", "/replicas_status", "/"])
def test_it_says_ok_to_who_asks_whether_it_is_there(http: httpx.Client, path: str) -> None:
    assert (http.get(path).status_code, http.get(path).text) == (200, "Ok.\n")


def test_a_path_that_is_not_there_is_404(http: httpx.Client) -> None:
    assert http.get("/nowhere").status_code == 404


def test_the_statement_stands_in_the_url_in_the_body_or_in_both(http: httpx.Client) -> None:
    assert http.get("/", params={"query": "SELECT 1"}).text == "1\n"
    assert http.post("/", content="SELECT 1").text == "1\n"
    assert http.post("/", params={"query": "SELECT 1"}, content="+ 1").text == "2\n"


def test_the_headers_say_what_came(http: httpx.Client) -> None:
    response = http.post("/", params={"query_id": "mine", "default_format": "JSON"}, content="SELECT 7 AS a")
    assert response.headers["x-clickhouse-query-id"] == "mine"
    assert response.headers["x-clickhouse-format"] == "JSON"
    assert response.headers["x-clickhouse-timezone"]
    assert response.headers["x-clickhouse-server-display-name"]
    assert response.headers["content-type"] == "application/json; charset=UTF-8"
    summary = json.loads(response.headers["x-clickhouse-summary"])
    assert summary["result_rows"] == "1"
    assert summary.keys() >= {"read_rows", "read_bytes", "written_rows", "written_bytes", "elapsed_ns"}


def test_the_format_clause_wins_over_the_header_and_the_header_over_the_parameter(http: httpx.Client) -> None:
    header = {"X-ClickHouse-Format": "CSV"}
    assert http.post("/?default_format=TSKV", content="SELECT 'a' AS x", headers=header).text == '"a"\n'
    assert http.post("/?default_format=TSKV", content="SELECT 'a' AS x").text == "x=a\n"
    response = http.post("/", content="SELECT 'a' AS x FORMAT TSKV -- the end", headers=header)
    assert (response.text, response.headers["x-clickhouse-format"]) == ("x=a\n", "TSKV")
    assert (
        http.post("/", content="SELECT 1 AS format SETTINGS max_threads = 1 FORMAT JSONEachRow;").text
        == '{"format":1}\n'
    )


def test_every_output_format_answers(http: httpx.Client) -> None:
    names = ask(http, "SELECT name FROM system.formats WHERE is_output").split()
    assert len(names) > 60
    refused: dict[str, str] = {}
    for name in set(names) - NEEDS_MORE - NEEDS_COLUMNS:
        response = http.post(
            "/", params={"default_format": name}, content="SELECT number AS a, 'x' AS b FROM numbers(3)"
        )
        if response.status_code != 200 or (not response.content and name != "Null"):
            refused[name] = response.text
    assert refused == {}
    assert http.post("/?default_format=RawBLOB", content="SELECT 'x'").content == b"x"


@pytest.mark.parametrize("name", ["DataFrame", "ArrowTable", "datastore", "NoSuchFormat"])
def test_a_format_clickhouse_has_not_is_unknown(http: httpx.Client, name: str) -> None:
    response = http.post("/", params={"default_format": name}, content="SELECT 1")
    assert (response.status_code, response.headers["x-clickhouse-exception-code"]) == (404, "73")


@pytest.mark.parametrize(
    "output_format", ["Native", "TSV", "CSV", "JSONEachRow", "RowBinary", "JSONCompactEachRow", "TSKV"]
)
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT number, toString(number) AS s FROM numbers(300000)",
        "SELECT number % 3 AS k, count() FROM numbers(10) GROUP BY k WITH TOTALS ORDER BY k",
        "SELECT number AS k, count() FROM numbers(200000) GROUP BY k WITH TOTALS ORDER BY k",
        "SELECT number FROM numbers(5) SETTINGS extremes = 1",
        "SELECT number FROM numbers(0)",
    ],
)
def test_a_streamed_result_is_the_same_as_a_whole_one(http: httpx.Client, sql: str, output_format: str) -> None:
    streamed = http.post("/", params={"default_format": output_format, "max_threads": 1}, content=sql)
    whole = http.post(
        "/", params={"default_format": output_format, "max_threads": 1, "wait_end_of_query": 1}, content=sql
    )
    assert streamed.status_code == whole.status_code == 200
    if output_format == "Native":
        assert len(streamed.content) == pytest.approx(len(whole.content), abs=200)  # blocks may be cut elsewhere
    else:
        assert streamed.content == whole.content


def test_query_parameters_arrive_as_values_never_as_sql(http: httpx.Client) -> None:
    sql = "SELECT {s:String}, {n:Int32} + 1, {a:Array(String)}, {t:DateTime}"
    parameters = {
        "param_s": "it's; DROP\\ttab",
        "param_n": "41",
        "param_a": "['x','y']",
        "param_t": "2026-01-02 03:04:05",
    }
    response = http.post("/", params={**parameters, "default_format": "JSONCompactEachRow"}, content=sql)
    assert response.json() == ["it's; DROP\ttab", 42, ["x", "y"], "2026-01-02 03:04:05"]
    assert http.post("/", content="SELECT {missing:String}").status_code == 500


def test_a_setting_holds_for_its_statement_only(http: httpx.Client) -> None:
    sql = "SELECT getSetting('max_block_size')"
    assert ask(http, sql, max_block_size=777) == "777\n"
    assert {ask(http, sql) for _ in range(10)} == {"65409\n"}


def test_what_one_statement_leaves_no_other_sees(http: httpx.Client) -> None:
    ask(http, "SET max_block_size = 555")
    ask(http, "CREATE TEMPORARY TABLE scratch (a Int8)")
    ask(http, "USE system")
    assert ask(http, "SELECT getSetting('max_block_size'), currentDatabase()") == "65409\tdefault\n"
    assert http.post("/", content="SELECT * FROM scratch").status_code == 404


def test_a_database_is_chosen_by_parameter_or_header(http: httpx.Client) -> None:
    assert ask(http, "SELECT currentDatabase()", database="system") == "system\n"
    header = {"X-ClickHouse-Database": "system"}
    assert http.post("/", content="SELECT currentDatabase()", headers=header).text == "system\n"
    response = http.post("/", params={"database": "nowhere"}, content="SELECT 1")
    assert (response.status_code, response.headers["x-clickhouse-exception-code"]) == (404, "81")


@pytest.mark.parametrize(
    ("sql", "status", "code"),
    [
        ("SELECT * FROM nowhere", 404, 60),
        ("SELECT nothing", 404, 47),
        ("SELECT nofunction(1)", 404, 46),
        ("SELEC 1", 400, 62),
        ("", 400, 62),
        ("SELECT 1; SELECT 2", 400, 62),
        ("SELECT 1 FORMAT NoSuchFormat", 404, 73),
        ("SELECT throwIf(1)", 500, 395),
        ("SELECT toInt32('x')", 400, 6),
        ("INSERT INTO nowhere VALUES (1)", 404, 60),
        ("SELECT 1 INTO OUTFILE '/tmp/never'", 500, 358),
        ("SELECT 1 SETTINGS nosuch = 1", 404, 115),
        (b"SELECT '\xff'", 400, 62),
        (b"SELECT 1\x00; DROP TABLE t", 400, 62),
    ],
)
def test_errors_have_clickhouse_s_status_code_and_text(
    http: httpx.Client, sql: str | bytes, status: int, code: int
) -> None:
    response = http.post("/", content=sql)
    assert (response.status_code, response.headers["x-clickhouse-exception-code"]) == (status, str(code))
    assert response.text.startswith(f"Code: {code}. DB::Exception: ")
    assert "(version " in response.text


def test_an_unknown_setting_in_the_url_is_refused(http: httpx.Client) -> None:
    response = http.post("/", params={"nosuch": "1"}, content="SELECT 1")
    assert (response.status_code, response.headers["x-clickhouse-exception-code"]) == (404, "115")


def test_an_error_in_the_middle_of_a_stream_is_told_between_markers(http: httpx.Client) -> None:
    response = http.post("/", content="SELECT throwIf(number = 900000) FROM numbers(1000000)")
    tag = response.headers["x-clickhouse-exception-tag"]
    assert response.status_code == 200
    assert f"__exception__\r\n{tag}\r\nCode: 395." in response.text
    assert response.text.endswith(f"{tag}\r\n__exception__\r\n")


def test_get_reads_only(http: httpx.Client) -> None:
    response = http.get("/", params={"query": "CREATE TABLE never (a Int8) ENGINE = Memory"})
    assert response.headers["x-clickhouse-exception-code"] == "164"


@pytest.mark.parametrize("encoding", CODECS)
@pytest.mark.parametrize("rows", [1, 300_000])
def test_answers_are_compressed_where_the_statement_says_so(http: httpx.Client, encoding: str, rows: int) -> None:
    sql = f"SELECT number FROM numbers({rows})"
    with http.stream(
        "POST", "/?enable_http_compression=1", content=sql, headers={"Accept-Encoding": encoding}
    ) as response:
        assert response.headers["content-encoding"] == encoding
        body = b"".join(response.iter_raw())
    assert bytes(CODECS[encoding].decompress(body)) == b"".join(b"%d\n" % n for n in range(rows))


def test_answers_are_plain_where_nothing_is_said(http: httpx.Client) -> None:
    assert "content-encoding" not in http.post("/", content="SELECT 1", headers={"Accept-Encoding": "gzip"}).headers


@pytest.mark.parametrize("encoding", CODECS)
def test_requests_may_be_compressed(http: httpx.Client, encoding: str) -> None:
    packed = bytes(CODECS[encoding].compress(b"SELECT 1 + 1"))
    assert http.post("/", content=packed, headers={"Content-Encoding": encoding}).text == "2\n"


def test_a_body_that_is_not_of_its_encoding_is_refused(http: httpx.Client) -> None:
    assert http.post("/", content=b"SELECT 1", headers={"Content-Encoding": "gzip"}).status_code == 500
    assert http.post("/", content=b"SELECT 1", headers={"Content-Encoding": "rot13"}).status_code == 415


def test_statements_and_parameters_may_come_as_a_form(http: httpx.Client) -> None:
    fields = {"query": (None, "SELECT {x:String} || 'é'"), "param_x": (None, "a")}
    assert http.post("/", files=fields).text == "aé\n"


def test_a_session_keeps_what_its_statements_leave_until_it_ends(http: httpx.Client) -> None:
    ask(http, "CREATE TEMPORARY TABLE scratch (a Int8)", session_id="s1")
    ask(http, "INSERT INTO scratch VALUES (5)", session_id="s1")
    ask(http, "SET max_block_size = 999", session_id="s1")
    assert (
        ask(http, "SELECT a, getSetting('max_block_size') FROM scratch", session_id="s1", max_threads=1) == "5\t999\n"
    )
    assert ask(http, "SELECT getSetting('max_threads') != 1", session_id="s1") == "1\n"
    assert http.post("/", params={"session_id": "s2"}, content="SELECT a FROM scratch").status_code == 404
    response = http.post("/", params={"session_id": "s3", "session_check": 1}, content="SELECT 1")
    assert response.headers["x-clickhouse-exception-code"] == "372"


def test_a_session_s_settings_of_one_statement_do_not_stay(http: httpx.Client) -> None:
    ask(http, "SET max_block_size = 999", session_id="s4")
    assert ask(http, "SELECT getSetting('max_block_size')", session_id="s4", max_block_size=11) == "11\n"
    assert ask(http, "SELECT getSetting('max_block_size')", session_id="s4", database="system") == "999\n"
    assert ask(http, "SELECT currentDatabase()", session_id="s4") == "default\n"
