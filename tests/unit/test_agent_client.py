"""The agent's HTTP client on real sockets: what it sends, what it makes of a broken line, and where the key goes."""

import gzip
import json
import socketserver
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from pipeline.agent.client import Capture
from pipeline.agent.key import ApiKey
from pipeline.errors import CaptureUnreachable, SettingsWrong

KEY = "sl_secret"


class Scripted(socketserver.ThreadingMixIn, HTTPServer):
    """Does with each request what `script` says next: an answer as status, headers and body, or a deed."""

    daemon_threads = True

    def __init__(self) -> None:
        self.script: list[Any] = []
        self.seen: list[tuple[str, str, dict[str, str], bytes]] = []
        self.connections = 0
        self.clients: list[Capture] = []
        self.entered, self.released = threading.Event(), threading.Event()
        super().__init__(("127.0.0.1", 0), Answering)

    def get_request(self) -> Any:  # noqa: ANN401  a socket and an address
        self.connections += 1
        return super().get_request()


class Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Scripted

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.seen.append((self.command, self.path, dict(self.headers), body))
        told = self.server.script.pop(0)
        if told == "hang up":
            self.close_connection = True
            self.connection.close()
            return
        if told == "say nothing":
            self.server.entered.set()
            self.server.released.wait(30)
            return
        status, headers, content = told
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)
        if headers.get("Connection") == "cut":
            self.close_connection = True

    do_GET = do_POST  # noqa: N815  the name is http.server's

    def log_message(self, *_: object) -> None:
        """Tests are not to talk."""


@pytest.fixture
def server() -> Iterator[Scripted]:
    serving = Scripted()
    thread = threading.Thread(target=serving.serve_forever)
    thread.start()
    yield serving
    for client in serving.clients:
        client.close()
    serving.released.set()
    serving.shutdown()
    serving.server_close()
    thread.join()


def client_of(server: Scripted, path: str = "", seconds: float = 20) -> Capture:
    client = Capture(f"http://127.0.0.1:{server.server_address[1]}{path}", ApiKey(KEY), seconds)
    server.clients.append(client)
    return client


OK: tuple[int, dict[str, str], bytes] = (200, {}, b"{}")


def test_scans_are_posted_as_packed_ndjson_with_the_key_and_a_name_on_one_connection(server: Scripted) -> None:
    server.script = [(202, {"Retry-After": "3"}, b'{"id": "r"}'), OK]
    client = client_of(server, "/ledger/")
    answer = client.post_scans(b'{"a":1}\n{"b":2}', "name-1", 1_795_687_200_123)
    assert (answer.status, answer.headers["retry-after"], answer.body) == (202, "3", b'{"id": "r"}')
    client.receipt("a/b ?", after=7)
    (method, path, headers, body), (_, asked, _, _) = server.seen
    assert (method, path) == ("POST", "/ledger/v1/scans?sent_at=1795687200123")
    assert gzip.decompress(body) == b'{"a":1}\n{"b":2}'
    assert (headers["Authorization"], headers["Idempotency-Key"]) == (f"Bearer {KEY}", "name-1")
    assert (headers["Content-Type"], headers["Content-Encoding"]) == ("application/x-ndjson", "gzip")
    assert asked == "/ledger/v1/receipts/a%2Fb%20%3F?after=7"
    assert server.connections == 1


def test_a_connection_that_was_closed_meanwhile_is_opened_again_once(server: Scripted) -> None:
    server.script = [OK, "hang up", OK, "hang up", "hang up"]
    client = client_of(server)
    assert [client.post_scans(b"{}", "n", 1).status for _ in range(2)] == [200, 200]
    with pytest.raises(CaptureUnreachable):
        client.post_scans(b"{}", "n", 1)
    assert server.script == []


def test_a_first_connection_that_is_hung_up_on_is_not_tried_at_once_again(server: Scripted) -> None:
    server.script = ["hang up"]
    with pytest.raises(CaptureUnreachable, match=r"http://127.0.0.1:\d+ does not answer: Remote end closed"):
        client_of(server).post_scans(b"{}", "n", 1)


def test_an_answer_that_breaks_off_is_none(server: Scripted) -> None:
    server.script = [(202, {"Content-Length": "100", "Connection": "cut"}, b'{"id":')]
    with pytest.raises(CaptureUnreachable, match="does not answer"):
        client_of(server).post_scans(b"{}", "n", 1)


def test_a_capture_that_says_nothing_is_given_up(server: Scripted) -> None:
    server.script = ["say nothing"]
    with pytest.raises(CaptureUnreachable, match="timed out"):
        client_of(server, seconds=0.2).post_scans(b"{}", "n", 1)


def test_hanging_up_ends_a_request_under_way_and_nothing_is_asked_after_it(server: Scripted) -> None:
    server.script = [OK, "say nothing"]
    client = client_of(server)
    client.post_scans(b"{}", "n", 1)
    ended = threading.Event()

    def ask() -> None:
        with pytest.raises(CaptureUnreachable):
            client.post_scans(b"{}", "n", 1)
        ended.set()

    asking = threading.Thread(target=ask)
    asking.start()
    assert server.entered.wait(20)
    client.hang_up()
    assert ended.wait(20)
    asking.join()
    with pytest.raises(CaptureUnreachable, match="ending"):
        client.post_scans(b"{}", "n", 1)
    assert len(server.seen) == 2


def test_a_redirection_is_not_followed_with_the_key(server: Scripted) -> None:
    server.script = [(302, {"Location": "http://127.0.0.1:1/"}, b"")]
    assert client_of(server).post_scans(b"{}", "n", 1).status == 302


def test_nobody_there_is_said_with_the_address_and_never_the_key() -> None:
    with pytest.raises(CaptureUnreachable) as unreachable:
        Capture("http://127.0.0.1:1", ApiKey(KEY)).receipt("r")
    assert str(unreachable.value) == "http://127.0.0.1:1 does not answer: Connection refused"
    assert KEY not in repr(ApiKey(KEY))


@pytest.mark.parametrize(
    "url", ["", "ledger.example", "ftp://x", "http://", "http://x:port", "http://[::1", "http://x?a"]
)
def test_an_address_that_is_none_says_what_one_is(url: str) -> None:
    with pytest.raises(SettingsWrong, match=r"SCANLEDGER_URL.*https://ledger.example"):
        Capture(url, ApiKey(KEY))


def test_an_address_carries_no_password() -> None:
    with pytest.raises(SettingsWrong, match="no name or password") as wrong:
        Capture("https://me:word@ledger.example", ApiKey(KEY))
    assert "word@" not in str(wrong.value)


@pytest.mark.parametrize(
    ("url", "is_private"),
    [("https://ledger.example", True), ("http://localhost:8000", True), ("http://ledger.example", False)],
)
def test_who_listens_on_the_way_can_read_a_key_without_https(url: str, is_private: bool) -> None:  # noqa: FBT001
    assert Capture(url, ApiKey(KEY)).is_private is is_private


def test_a_key_comes_from_a_file_each_time_it_is_needed(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("sl_1\n")
    key = ApiKey("unused", file)
    assert key() == "sl_1"
    file.write_text("sl_2")
    assert key() == "sl_2"
    assert ApiKey("sl_3")() == "sl_3"


@pytest.mark.parametrize("text", ["sl 1", "sl_1\r\nX-Evil: 1", "schlüssel"])
def test_a_key_that_no_header_carries_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(SettingsWrong, match="no key has") as wrong:
        ApiKey(text)()
    assert text not in str(wrong.value)


def test_a_missing_key_says_where_one_belongs(tmp_path: Path) -> None:
    with pytest.raises(SettingsWrong, match="SCANLEDGER_KEY"):
        ApiKey("")()
    with pytest.raises(SettingsWrong, match=r"cannot be read from .*none: No such file"):
        ApiKey("", tmp_path / "none")()
    (tmp_path / "bytes").write_bytes(b"\xff")
    with pytest.raises(SettingsWrong, match="it is no text"):
        ApiKey("", tmp_path / "bytes")()


def test_json_numbers_in_what_is_sent_stay_as_they_are(server: Scripted) -> None:
    server.script = [OK]
    client_of(server).post_scans(json.dumps({"a": 12345678901234567890}).encode(), "n", 1)
    assert b"12345678901234567890" in gzip.decompress(server.seen[0][3])
