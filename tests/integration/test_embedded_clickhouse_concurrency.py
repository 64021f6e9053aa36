"""Many statements at a time on the embedded ClickHouse: none waits for another, each can be stopped."""

import signal
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.fixtures_clickhouse import EmbeddedClickHouse, running_clickhouse

FOR_EVER = "SELECT count() FROM numbers(1000000000000) WHERE number % 3 = 1 SETTINGS max_threads = 1"
SECONDS = 20


def client_of(server: EmbeddedClickHouse) -> httpx.Client:
    return httpx.Client(base_url=server.url, auth=(server.user, server.password), timeout=60)


@pytest.fixture
def http(embedded_clickhouse: EmbeddedClickHouse) -> Iterator[httpx.Client]:
    with client_of(embedded_clickhouse) as client:
        yield client


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def is_running(http: httpx.Client, query_id: str) -> bool:
    sql = "SELECT count() FROM system.processes WHERE query_id = {id:String}"
    return http.post("/", params={"param_id": query_id}, content=sql).text == "1\n"


@pytest.fixture
def running(http: httpx.Client) -> Iterator[tuple[str, list[httpx.Response]]]:
    """A statement that runs until it is killed: its id, and its answer once there is one."""
    query_id, answers = uuid.uuid4().hex, list[httpx.Response]()
    thread = threading.Thread(
        target=lambda: answers.append(http.post("/", params={"query_id": query_id}, content=FOR_EVER))
    )
    thread.start()
    wait_until(lambda: is_running(http, query_id))
    yield query_id, answers
    http.post("/", content=f"KILL QUERY WHERE query_id = '{query_id}'")
    thread.join(SECONDS)


def test_a_long_statement_does_not_keep_a_short_one_waiting(
    http: httpx.Client, running: tuple[str, list[httpx.Response]]
) -> None:
    started = time.monotonic()
    assert http.post("/", content="SELECT 1").text == "1\n"
    assert time.monotonic() - started < 1
    assert is_running(http, running[0])


def test_kill_stops_the_statement_of_that_id_and_no_other(
    http: httpx.Client, running: tuple[str, list[httpx.Response]]
) -> None:
    query_id, answers = running
    http.post("/", content="KILL QUERY WHERE query_id = 'another'")
    assert is_running(http, query_id)
    http.post("/", content=f"KILL QUERY WHERE `query_id` = '{query_id}' SYNC")
    wait_until(lambda: bool(answers))
    assert answers[0].headers["x-clickhouse-exception-code"] == "394"


def test_an_id_in_use_is_refused_until_its_statement_ends(
    http: httpx.Client, running: tuple[str, list[httpx.Response]]
) -> None:
    query_id, answers = running
    response = http.post("/", params={"query_id": query_id}, content="SELECT 1")
    assert response.headers["x-clickhouse-exception-code"] == "216"
    http.post("/", content=f"KILL QUERY WHERE query_id = '{query_id}'")
    wait_until(lambda: bool(answers))
    assert http.post("/", params={"query_id": query_id}, content="SELECT 1").text == "1\n"


def test_a_read_whose_client_hangs_up_is_stopped(embedded_clickhouse: EmbeddedClickHouse, http: httpx.Client) -> None:
    query_id = uuid.uuid4().hex
    with client_of(embedded_clickhouse) as impatient, pytest.raises(httpx.ReadTimeout):
        impatient.post("/", params={"query_id": query_id}, content=FOR_EVER, timeout=0.5)
    wait_until(lambda: not is_running(http, query_id))


def test_a_stream_whose_client_hangs_up_is_stopped(embedded_clickhouse: EmbeddedClickHouse, http: httpx.Client) -> None:
    query_id = uuid.uuid4().hex
    sql = "SELECT number FROM numbers(100000000000)"
    with (
        client_of(embedded_clickhouse) as impatient,
        impatient.stream("POST", "/", params={"query_id": query_id}, content=sql) as response,
    ):
        pieces = response.iter_bytes()
        assert next(pieces)
        assert is_running(http, query_id)
    wait_until(lambda: not is_running(http, query_id))


def test_many_clients_at_a_time_get_each_their_own_answer(http: httpx.Client) -> None:
    def ask(n: int) -> bool:
        sql = "SELECT {n:Int64}, getSetting('max_block_size'), count() FROM numbers(1000)"
        response = http.post("/", params={"param_n": n, "max_block_size": n + 1000}, content=sql)
        return response.text == f"{n}\t{n + 1000}\t1000\n"

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(ask, range(200)))


def as_analyst(server: EmbeddedClickHouse) -> httpx.Client:
    limits = httpx.Limits(max_connections=100)
    auth = (server.analyst, server.analyst_password)
    return httpx.Client(base_url=server.url, auth=auth, timeout=60, limits=limits)


def test_analysts_never_keep_the_ledger_waiting(tmp_path: Path) -> None:
    busy = "SELECT sum(sipHash64(number)) FROM numbers(1000000000000)"
    with running_clickhouse(tmp_path / "clickhouse") as server, client_of(server) as http:
        with as_analyst(server) as analyst, ThreadPoolExecutor(60) as pool:

            def ask(_: int) -> httpx.Response:
                return analyst.post("/", params={"max_execution_time": 3, "max_threads": 1}, content=busy)

            asked = [pool.submit(ask, n) for n in range(60)]
            wait_until(lambda: sum(one.done() for one in asked) >= 60 - 8 - 32)
            running = "SELECT count() FROM system.processes WHERE query LIKE 'SELECT sum(sip%'"
            wait_until(lambda: int(http.post("/", content=running).text) > 0)
            assert int(http.post("/", content=running).text) <= 8
            started = time.monotonic()
            assert http.post("/", content="SELECT 1").text == "1\n"
            assert time.monotonic() - started < 2
            server.process.send_signal(signal.SIGTERM)
            answers = [one.result(SECONDS) for one in asked]
        codes = [answer.headers["x-clickhouse-exception-code"] for answer in answers]
        assert codes.count("202") >= 60 - 8 - 32
        full = next(answer for answer in answers if "wait:" in answer.text)
        assert "8 run and 32 wait: try again when some of them have ended" in full.text
        assert server.process.wait(SECONDS) == 0


def test_an_analyst_s_turn_ends_with_the_answer_be_it_a_refusal_or_a_stream(
    embedded_clickhouse: EmbeddedClickHouse,
) -> None:
    stream = "SELECT number FROM numbers(100000000000)"
    with as_analyst(embedded_clickhouse) as analyst:
        for _ in range(20):
            assert analyst.post("/", content="SELECT file('x')").status_code == 403
            assert analyst.post("/", content="SELECT throwIf(1)").status_code == 500
            assert analyst.post("/", params={"max_execution_time": 0}, content="SELECT 1").status_code == 500
            assert analyst.post("/", params={"query_id": "日\n"}, content=stream).status_code == 400
            with analyst.stream("POST", "/", content=stream) as response:
                assert next(response.iter_bytes())
        started = time.monotonic()
        assert analyst.post("/", content="SELECT 1").text == "1\n"
        assert time.monotonic() - started < 2


def test_one_statement_at_a_time_runs_in_a_session(http: httpx.Client) -> None:
    def ask(_: int) -> str:
        parameters = {"session_id": "crowded"}
        response = http.post("/", params=parameters, content="SELECT sleepEachRow(0.2) FROM numbers(1)")
        return str(response.headers.get("x-clickhouse-exception-code", "0"))

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(ask, range(4))) == {"0", "373"}


def test_sigterm_finishes_the_insert_stops_the_reads_and_leaves_the_rows(tmp_path: Path) -> None:
    folder = tmp_path / "clickhouse"
    with running_clickhouse(folder) as server, client_of(server) as http:
        http.post("/", content="CREATE TABLE t (a Int64) ENGINE = MergeTree ORDER BY a")
        with ThreadPoolExecutor(2) as pool:
            slow = "INSERT INTO t SELECT number + sleepEachRow(0.1) FROM numbers(15) SETTINGS max_block_size = 1"
            insert = pool.submit(http.post, "/", params={"query_id": "insert"}, content=slow)
            read = pool.submit(http.post, "/", params={"query_id": "read"}, content=FOR_EVER)
            wait_until(lambda: is_running(http, "insert") and is_running(http, "read"))
            server.process.send_signal(signal.SIGTERM)
            assert insert.result(SECONDS).status_code == 200
            assert read.result(SECONDS).headers["x-clickhouse-exception-code"] == "394"
        assert server.process.wait(SECONDS) == 0
    with running_clickhouse(folder) as server, client_of(server) as http:
        assert http.post("/", content="SELECT count(), sum(a) FROM t").text == "15\t105\n"


def test_sigterm_drops_a_result_that_its_client_does_not_take(tmp_path: Path) -> None:
    with (
        running_clickhouse(tmp_path / "clickhouse") as server,
        client_of(server) as http,
        http.stream("POST", "/", content="SELECT number FROM numbers(100000000000)") as response,
    ):
        pieces = response.iter_bytes()
        assert next(pieces)
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(SECONDS) == 0


def test_sigkill_loses_nothing_that_was_answered(tmp_path: Path) -> None:
    folder = tmp_path / "clickhouse"
    with running_clickhouse(folder) as server, client_of(server) as http:
        http.post("/", content="CREATE TABLE t (a Int64) ENGINE = MergeTree ORDER BY a")
        for n in range(20):
            assert http.post("/", content=f"INSERT INTO t VALUES ({n})").status_code == 200
        server.process.kill()
        server.process.wait()
    with running_clickhouse(folder) as server, client_of(server) as http:
        assert http.post("/", content="SELECT count() FROM t").text == "20\n"
