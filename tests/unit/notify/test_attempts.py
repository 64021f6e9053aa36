"""One attempt to deliver: what came, what is said of what did not, and that one receiver holds up no other."""

import io
import json
import logging
import socket
import ssl
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipeline.errors import WarehouseDown
from pipeline.metrics import Progress
from pipeline.notify import by_apprise, webhook
from pipeline.notify.deliveries import Delivery
from pipeline.notify.desk import PER_RECIPIENT, Desk
from pipeline.notify.message import words_of
from pipeline.notify.outbox import Outbox
from pipeline.notify.reports import Reports
from pipeline.notify.sending import sender, unknown_to_apprise
from pipeline.notify.trial import send_trial
from pipeline.notify.trying import Answer, judge
from pipeline.warehouse.client import Warehouse
from tests.receiver import SECRET, Receiver, a_receiver
from tests.unit.notify.telling import Told, some_routes
from tests.worker.running import wait_for

BODY = b'{"event":"opened"}'


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with a_receiver() as receiver:
        yield receiver


@contextmanager
def saying(answer: bytes) -> Iterator[str]:
    """Has a server that answers every request with these bytes, and hangs up; silent where there are none."""
    listening = socket.create_server(("127.0.0.1", 0))
    kept: list[socket.socket] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            kept.append(connection)
            if answer:
                connection.recv(65_536)
                connection.sendall(answer)
                connection.close()

    threading.Thread(target=serve, daemon=True).start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}/hook?token=sesame"
    listening.close()
    for connection in kept:
        connection.close()


def test_a_post_is_signed_at_the_time_of_the_attempt(receiver: Receiver) -> None:
    assert webhook.post(f"http://127.0.0.1:{receiver.port}/a?b=c", SECRET, BODY, "id-1") == judge(204, "HTTP 204")
    (came,) = receiver.came
    assert (came.path, came.delivery, came.is_signed, came.body) == ("/a?b=c", "id-1", True, {"event": "opened"})


@pytest.mark.parametrize("code", [200, 404, 408, 429, 503])
def test_the_status_decides(receiver: Receiver, code: int) -> None:
    receiver.answer = lambda _path, _number: code
    assert webhook.post(f"http://127.0.0.1:{receiver.port}/", SECRET, BODY, "id") == judge(code, f"HTTP {code}")


def test_a_redirection_is_not_followed_and_final(receiver: Receiver) -> None:
    there = f"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{receiver.port}/\r\nContent-Length: 0\r\n\r\n"
    with saying(there.encode()) as url:
        assert webhook.post(url, SECRET, BODY, "id") == Answer(False, True, 302, "HTTP 302")
    assert receiver.came == []


@pytest.mark.parametrize(
    "answer", [b"220 mail.example ESMTP\r\n", b"HTTP/1.1 two hundred\r\n\r\n", b"\x00\xff" * 50, b"\r\n"]
)
def test_what_is_no_http_may_be_different_the_next_time(answer: bytes) -> None:
    with saying(answer) as url:
        told = webhook.post(url, SECRET, BODY, "id")
    assert (told.is_delivered, told.is_final, told.code) == (False, False, 0)
    assert "sesame" not in told.detail


def test_who_does_not_answer_is_given_up_for_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "_TIMEOUT_SECONDS", 0.2)
    with saying(b"") as url:
        told = webhook.post(url, SECRET, BODY, "id")
    assert (told.is_final, told.detail) == (False, "no answer within 0 s")


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "http://name.invalid/", "https://127.0.0.1:1/"])
def test_a_receiver_that_is_not_there_may_come(url: str) -> None:
    told = webhook.post(url, SECRET, BODY, "id")
    assert (told.is_delivered, told.is_final) == (False, False)
    assert told.detail


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (10, "it has expired"),
        (62, "it is for another host"),
        (64, "it is for another address"),
        (77, "OpenSSL refuses it"),
    ],
)
def test_a_certificate_that_is_not_trusted_is_named_without_the_address(
    monkeypatch: pytest.MonkeyPatch, code: int, said: str
) -> None:
    def refuse(*_: object) -> Answer:
        words = "Hostname mismatch, certificate is not valid for 'hooks.secret.example'."
        error = ssl.SSLCertVerificationError(1, f"certificate verify failed: {words}")
        error.verify_code, error.verify_message = code, words
        raise error

    monkeypatch.setattr(webhook, "_post", refuse)
    told = webhook.post("https://hooks.secret.example/", SECRET, BODY, "id")
    assert told == Answer(False, False, 0, f"its certificate is not trusted: {said}")


def test_a_certificate_that_is_not_to_be_checked_is_warned_of_nowhere() -> None:
    with warnings.catch_warnings(record=True) as kept:
        warnings.simplefilter("always")
        by_apprise.keep_quiet()
        warnings.warn_explicit("made to host 'hooks.secret.example'", UserWarning, "x.py", 1, "urllib3.connectionpool")
        warnings.warn_explicit("heard", UserWarning, "x.py", 1, "somebody.else")
    assert [str(one.message) for one in kept] == ["heard"]


def a_url(receiver: Receiver) -> str:
    return f"json://user:sesame@127.0.0.1:{receiver.port}/path"


def test_apprise_delivers_title_and_text(receiver: Receiver) -> None:
    assert by_apprise.send(a_url(receiver), "title", "text").is_delivered
    (came,) = receiver.came
    assert (came.body["title"], came.body["message"]) == ("title", "text")


@pytest.mark.parametrize(("code", "is_final"), [(404, True), (410, True), (429, False), (503, False)])
def test_a_status_that_apprise_mentions_counts(receiver: Receiver, code: int, is_final: bool) -> None:
    receiver.answer = lambda _path, _number: code
    told = by_apprise.send(a_url(receiver), "title", "text")
    assert (told.is_delivered, told.is_final, told.code) == (False, is_final, code)


def test_what_apprise_says_is_not_in_our_log() -> None:
    kept, root = io.StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(kept), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        logging.getLogger("somebody else").info("heard")
        told = by_apprise.send("json://user:sesame@127.0.0.1:1/path", "title", "text")
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    assert (told.is_final, told.detail) == (False, "apprise could not deliver it")
    assert kept.getvalue() == "heard\n"


def test_a_url_that_apprise_does_not_know_is_named_by_its_recipient(receiver: Receiver) -> None:
    routes = some_routes({"to": ["duty"]}, {"to": ["other"]})
    table = {"duty": {"apprise": a_url(receiver)}, "other": {"apprise": "nonsense://sesame"}}
    recipients = {name: type(routes.recipients["duty"]).model_validate(one) for name, one in table.items()}
    assert unknown_to_apprise(routes.model_copy(update={"recipients": recipients})) == ["other"]
    told = sender(recipients)(
        "other", "id", '{"event":"trial","text":"t","link":null,"delivery":"id","route":"r","recipient":"o"}'
    )
    assert (told.is_final, told.detail) == (True, "apprise knows no such URL")


def test_what_breaks_is_an_answer_that_names_no_secret() -> None:
    told = sender({})("nobody", "id", "{}")
    assert (told.is_delivered, told.is_final, told.detail) == (False, False, "broke: KeyError")


def test_a_trial_says_what_came_back(receiver: Receiver) -> None:
    routes = some_routes({"to": ["duty"]})
    here = {"webhook": f"http://127.0.0.1:{receiver.port}/", "secret": SECRET}
    recipient = type(routes.recipients["duty"]).model_validate(here)
    row = send_trial(sender({"duty": recipient}), "route-1", "duty")
    assert (row["delivered"], row["code"], row["delivery"]) == (True, 204, receiver.came[0].delivery)


def some_deliveries(folder: Path, to: list[str], count: int) -> list[Delivery]:
    here = Told(folder, some_routes(*({"to": [name]} for name in to)))
    for n in range(count):
        here.take(id=f"{n:032x}")
    found = [one for name in to for one in here.book.deliveries.due(name, 1 << 60, count)]
    here.outbox.close()
    return found


def test_a_receiver_that_hangs_holds_up_no_other(tmp_path: Path) -> None:
    released, sent = threading.Event(), []

    def send(recipient: str, delivery: str, _body: str) -> Answer:
        if recipient == "slow":
            released.wait(60)
        sent.append(delivery)
        return judge(204)

    deliveries = some_deliveries(tmp_path, ["slow", "quick"], PER_RECIPIENT)
    desk = Desk(send, ["slow", "quick"])
    for one in deliveries:
        desk.begin(one)
    assert "slow" not in desk.free
    quick = {one.id for one in deliveries if one.recipient == "quick"}
    assert wait_for(lambda: set(sent) == quick)
    assert wait_for(lambda: {one.delivery.id for one in desk.answers()} or len(desk.free) == 1)
    released.set()
    left = {one.delivery.id for one in desk.close()}
    assert left >= {one.id for one in deliveries if one.recipient == "slow"}


class FakeWarehouse:
    """Takes rows, or is away."""

    def __init__(self) -> None:
        self.is_away = True
        self.bodies: list[bytes] = []

    def insert_avro(self, _statement: str, body: bytes) -> int:
        if self.is_away:
            message = "away"
            raise WarehouseDown(message)
        self.bodies.append(body)
        return body.count(b"\n")


def test_reports_wait_on_disk_while_clickhouse_is_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.notify.reports._EVERY_SECONDS", 0.01)
    here, warehouse, progress = Told(tmp_path, some_routes()), FakeWarehouse(), Progress(60)
    connect: Callable[[], Warehouse] = lambda: warehouse  # type: ignore[assignment, return-value]  # noqa: E731
    here.take()
    reports = Reports(tmp_path, connect, progress)
    wait_for(lambda: not progress.health().ok)
    assert len(here.outbox.changes(10)) == 1
    warehouse.is_away = False
    here.wait(1 << 50)
    reports.close()
    assert progress.health().ok
    rows = [json.loads(line) for body in warehouse.bodies for line in body.splitlines()]
    assert [(row["n"], row["outcome"]) for row in rows] == [(1, "QUEUED"), (2, "DELIVERED")]
    outbox = Outbox(tmp_path)
    assert outbox.changes(10) == []
    outbox.close()


def test_words_name_the_alert_and_stay_in_one_line_whatever_a_site_calls_itself(tmp_path: Path) -> None:
    here = Told(tmp_path, some_routes(console="https://ledger.example"))
    here.take(site="a\nb\x1b[31m" + "x" * 1_000)
    here.wait(1 << 50)
    title, text = words_of(json.loads(here.bodies[0]))
    assert title == "[warning] SEEN_AFTER_END opened: unit:gtin:09506000134352/ABC123"
    assert "https://ledger.example/alerts/" + "a" * 32 in text
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) < 330
    assert len(text.splitlines()) == 9


def test_a_summary_in_words_says_how_many_and_where_to_look(tmp_path: Path) -> None:
    here = Told(tmp_path, some_routes())
    for n in range(25):
        here.take(id=f"{n:032x}")
    here.wait(1 << 50)
    title, text = words_of(json.loads(here.bodies[-1]))
    assert title == "[warning] 5 more alerts SEEN_AFTER_END opened at munich"
    assert "scanledger alerts list --kind SEEN_AFTER_END" in text
