"""Alerts on a real Kafka to receivers on loopback: told once, again when they did not answer, and through SIGKILL."""

import shutil
import sqlite3
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.fixtures_clickhouse import EmbeddedClickHouse
from tests.notify_process import Notifying, folder_of
from tests.receiver import Receiver, a_receiver
from tests.sinks import a_ledger as a_ledger_with_tables
from tests.worker.running import a_ledger, wait_for

ROUTES = """
console = "http://127.0.0.1:1"

[recipients.duty]
webhook = "http://127.0.0.1:PORT/duty"
secret = "SECRET"

[recipients.oslo]
webhook = "http://127.0.0.1:PORT/oslo"
secret = "SECRET"

[[routes]]
name = "all"
to = ["duty"]

[[routes]]
name = "of oslo"
sites = ["oslo"]
to = ["oslo"]
"""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with a_receiver() as receiver:
        yield receiver


def a_notify(bootstrap: str, home: Path, receiver: Receiver, routes: str = ROUTES) -> Notifying:
    return Notifying(a_ledger(bootstrap, home), routes, receiver.port)


def test_an_opening_is_told_once_and_signed(kafka_bootstrap: str, tmp_path: Path, receiver: Receiver) -> None:
    notify = a_notify(kafka_bootstrap, tmp_path, receiver)
    with notify.running():
        notify.tell(id="a" * 32)
        notify.tell("ACKNOWLEDGED", id="a" * 32)
        notify.tell(id="b" * 32, site="oslo")
        wait_for(lambda: len(receiver.came) == 3)
    with notify.running():
        notify.tell("RETRACTED", id="a" * 32)
        wait_for(lambda: "retracted" in receiver.events("/duty"))
    assert all(one.is_signed for one in receiver.came)
    assert receiver.events("/duty") == ["opened", "opened", "retracted"]
    assert receiver.events("/oslo") == ["opened"]
    assert len({one.delivery for one in receiver.came}) == len(receiver.came)
    assert {one.body["alert"]["subject"] for one in receiver.came} == {"unit:gtin:09506000134352/ABC123"}
    assert {one.body["link"] for one in receiver.came} == {f"http://127.0.0.1:1/alerts/{id * 32}" for id in "ab"}


def test_a_receiver_that_was_down_gets_what_it_missed(kafka_bootstrap: str, tmp_path: Path, receiver: Receiver) -> None:
    notify = a_notify(kafka_bootstrap, tmp_path, receiver)
    port = receiver.port
    receiver.close()
    with notify.running():
        notify.tell_all(*({"id": f"{n:032x}"} for n in range(5)))
        wait_for(lambda: len(tried(notify)) == 5)
        back = Receiver(port)
        wait_for(lambda: len(set(back.ids("/duty"))) == 5)
        back.close()
    assert len(back.came) == 5


def tried(notify: Notifying) -> list[str]:
    """Returns what was tried, and is to be tried again."""
    return [row["id"] for row in notify.verb("list", "--state", "pending")[1] if row["attempts"]]


def test_what_is_gone_is_not_tried_again_until_a_person_asks(
    kafka_bootstrap: str, tmp_path: Path, receiver: Receiver
) -> None:
    receiver.answer = lambda _path, number: 410 if number == 1 else 204
    notify = a_notify(kafka_bootstrap, tmp_path, receiver)
    with notify.running():
        notify.tell()
        wait_for(lambda: notify.verb("list", "--state", "failed")[1])
        notify.tell("RETRACTED")
        notify.tell(id="c" * 32)  # whatever would follow the first one is before this
        wait_for(lambda: len(receiver.came) == 2)
        (failed,) = notify.verb("list", "--state", "failed")[1]
        assert (failed["code"], failed["detail"], failed["attempts"]) == (410, "HTTP 410", 1)
        assert notify.verb("retry", failed["id"])[0] == 0
        wait_for(lambda: "retracted" in receiver.events("/duty"))
        assert notify.verb("retry", failed["id"])[0] == 1
    assert receiver.events("/duty") == ["opened", "opened", "opened", "retracted"]
    assert receiver.ids("/duty")[2] == receiver.ids("/duty")[0]


@pytest.mark.parametrize(
    "fault",
    [
        "notify.between_answer_and_outbox:7",
        "notify.between_outbox_and_offset:9",
        pytest.param("notify.between_outbox_and_offset:2", marks=pytest.mark.slow),
    ],
)
def test_a_kill_loses_nothing_and_tells_it_again_by_the_same_id(
    kafka_bootstrap: str, tmp_path: Path, receiver: Receiver, fault: str
) -> None:
    notify = a_notify(kafka_bootstrap, tmp_path, receiver)
    notify.tell_all(*({"id": f"{n:032x}"} for n in range(15)))
    notify.dies(fault)
    before = receiver.ids("/duty")
    with notify.running():
        wait_for(lambda: len(notify.verb("list", "--state", "delivered")[1]) == 15)
    told = {one.body["alert"]["id"]: one.delivery for one in receiver.came}
    assert len(told) == 15
    assert {one.delivery for one in receiver.came} == set(told.values())
    assert set(before) <= set(told.values())


def test_what_is_put_off_to_the_end_of_quiet_hours_is_told_no_more_once_acknowledged(
    kafka_bootstrap: str, tmp_path: Path, receiver: Receiver
) -> None:
    begin, end = (f"{datetime.now(UTC) + timedelta(hours=hours):%H:%M}" for hours in (-1, 2))
    quiet = f'quiet = {{ from = "{begin}", to = "{end}", zone = "UTC" }}\n'
    notify = a_notify(kafka_bootstrap, tmp_path, receiver, ROUTES.replace('name = "all"\n', f'name = "all"\n{quiet}'))
    with notify.running():
        notify.tell(id="a" * 32)
        notify.tell(id="b" * 32, kind="IMPOSSIBLE_TRAVEL")
        notify.tell(id="c" * 32)
        wait_for(lambda: len(notify.verb("list", "--state", "deferred")[1]) == 2)
        notify.tell("ACKNOWLEDGED", id="a" * 32)
        wait_for(lambda: notify.verb("list", "--state", "cancelled")[1])
    (waiting,) = notify.verb("list", "--state", "deferred")[1]
    assert waiting["alert"] == "c" * 32
    assert waiting["due_at"][11:16] == end
    assert [one.body["alert"]["kind"] for one in receiver.came] == ["IMPOSSIBLE_TRAVEL"]


def test_what_nobody_looks_after_escalates_though_it_was_killed_in_between(
    kafka_bootstrap: str, tmp_path: Path, receiver: Receiver
) -> None:
    later = 'escalate = { after_minutes = 0.2, to = ["oslo"] }\n'
    notify = a_notify(kafka_bootstrap, tmp_path, receiver, ROUTES.replace('name = "all"\n', f'name = "all"\n{later}'))
    notify.tell(id="a" * 32)
    notify.tell(id="b" * 32)
    notify.tell("ACKNOWLEDGED", id="b" * 32)
    process = notify.start()
    wait_for(lambda: len(receiver.events("/duty")) == 2)
    process.kill()
    process.wait()
    with notify.running():
        wait_for(lambda: receiver.events("/oslo"))
        notify.tell("CLOSED", id="a" * 32)
        wait_for(lambda: "closed" in receiver.events("/oslo"))
    assert receiver.events("/oslo") == ["escalated", "closed"]
    assert {one.body["alert"]["id"] for one in receiver.came if one.path == "/oslo"} == {"a" * 32}


def test_kills_at_any_moment_lose_nothing(kafka_bootstrap: str, tmp_path: Path, receiver: Receiver) -> None:
    notify = a_notify(kafka_bootstrap, tmp_path, receiver, "burst = { most = 1000 }\n" + ROUTES)
    for turn in range(3):
        notify.tell_all(*({"id": f"{turn}{n:031x}"} for n in range(60)))
        process, before = notify.start(), len(receiver.came)
        wait_for(lambda: len(receiver.came) > before + 7 * turn)  # noqa: B023  waited for at once
        process.kill()
        process.wait()
    with notify.running():
        wait_for(lambda: len({one.body["alert"]["id"] for one in receiver.came}) == 180)
    told = {(one.body["alert"]["id"], one.delivery) for one in receiver.came}
    assert len(told) == 180


def test_a_burst_is_told_as_twenty_and_a_summary(kafka_bootstrap: str, tmp_path: Path, receiver: Receiver) -> None:
    notify = a_notify(kafka_bootstrap, tmp_path, receiver, "burst = { seconds = 5 }\n" + ROUTES)
    notify.tell_all(*({"id": f"{n:032x}"} for n in range(50)))
    with notify.running():
        wait_for(lambda: "summary" in receiver.events("/duty"))
    assert receiver.events("/duty") == ["opened"] * 20 + ["summary"]
    (summary,) = [one.body for one in receiver.came if one.body["event"] == "summary"]
    assert summary["summary"]["count"] == 30
    assert summary["link"].startswith("http://127.0.0.1:1/alerts?kind=SEEN_AFTER_END&site=munich")


def test_what_became_of_each_is_in_clickhouse_and_no_secret_anywhere(
    kafka_bootstrap: str, tmp_path: Path, receiver: Receiver, embedded_clickhouse: EmbeddedClickHouse
) -> None:
    receiver.answer = lambda path, number: 503 if path == "/duty" and number == 1 else 204
    with embedded_clickhouse.databases.migrated() as (name, warehouse):
        settings = a_ledger_with_tables(kafka_bootstrap, f"{name}-", warehouse, embedded_clickhouse, 1)
        notify = Notifying(settings.model_copy(update={"home": tmp_path}), ROUTES, receiver.port)
        with notify.running():
            notify.tell(site="oslo")
            wait_for(lambda: len(receiver.came) == 3)
        rows = warehouse.query_rows("SELECT recipient, n, outcome, code FROM deliveries FINAL ORDER BY recipient, n")
        assert rows == [
            ("duty", 1, "QUEUED", 0), ("duty", 2, "RETRY", 503), ("duty", 3, "DELIVERED", 204),
            ("oslo", 1, "QUEUED", 0), ("oslo", 2, "DELIVERED", 204),
        ]  # fmt: skip
        stands = warehouse.query_rows("SELECT recipient, state, attempts, latency_ms > 0 FROM v_deliveries ORDER BY 1")
        assert stands == [("duty", "DELIVERED", 2, 1), ("oslo", "DELIVERED", 1, 1)]
        told = str(warehouse.query_rows("SELECT * FROM deliveries"))
    assert "sixteen" not in told + notify.log.read_text()
    assert f":{receiver.port}" not in told + notify.log.read_text()


def test_an_outbox_that_is_new_does_not_tell_of_last_week(
    kafka_bootstrap: str, tmp_path: Path, receiver: Receiver
) -> None:
    notify = a_notify(kafka_bootstrap, tmp_path, receiver)
    notify.tell(id="a" * 32, received_at=(int(time.time()) - 7 * 86_400) * 1000)
    notify.tell(id="b" * 32)
    with notify.running():
        wait_for(lambda: receiver.came)
        wait_for(lambda: known(notify) == 2)
    assert [one.body["alert"]["id"] for one in receiver.came] == ["b" * 32]


def test_an_outbox_that_was_lost_is_made_anew_from_the_log(
    kafka_bootstrap: str, tmp_path: Path, receiver: Receiver
) -> None:
    notify = a_notify(kafka_bootstrap, tmp_path, receiver)
    with notify.running():
        notify.tell()
        wait_for(lambda: receiver.came)
    shutil.rmtree(folder_of(tmp_path))
    with notify.running():
        notify.tell("RETRACTED")
        wait_for(lambda: "retracted" in receiver.events("/duty"))
    assert receiver.events("/duty") == ["opened", "opened", "retracted"]
    assert len(set(receiver.ids("/duty"))) == 2


def test_an_outbox_of_another_log_is_refused(kafka_bootstrap: str, tmp_path: Path, receiver: Receiver) -> None:
    notify = a_notify(kafka_bootstrap, tmp_path, receiver)
    with notify.running():
        notify.tell()
        wait_for(lambda: receiver.came)
    other = a_notify(kafka_bootstrap, tmp_path, receiver)
    assert other.start().wait(150) == 2
    assert "is of another Kafka" in other.log.read_text()


def known(notify: Notifying) -> int:
    connection = sqlite3.connect(folder_of(notify.settings.home) / "outbox.sqlite")
    ((count,),) = connection.execute("SELECT count(*) FROM alerts").fetchall()
    connection.close()
    return int(count)


def test_routes_are_tried_and_checked_by_verbs(kafka_bootstrap: str, tmp_path: Path, receiver: Receiver) -> None:
    receiver.answer = lambda path, _number: 204 if path == "/duty" else 404
    notify = a_notify(kafka_bootstrap, tmp_path, receiver)
    code, rows = notify.verb("check", str(notify.file))
    assert (code, [row["to"] for row in rows]) == (0, ["duty (webhook)", "oslo (webhook)"])
    assert notify.verb("test", "all")[0] == 0
    code, rows = notify.verb("test", "of oslo")
    assert (code, rows[0]["detail"]) == (1, "HTTP 404")
    assert receiver.events("/duty") == ["trial"]
    assert notify.verb("test", "nobody")[0] == 2


def test_two_at_once_are_refused(kafka_bootstrap: str, tmp_path: Path, receiver: Receiver) -> None:
    notify = a_notify(kafka_bootstrap, tmp_path, receiver)
    with notify.running():
        notify.tell()
        wait_for(lambda: receiver.came)
        assert notify.start().wait(150) == 2
        assert "Another notify tells" in notify.log.read_text()
