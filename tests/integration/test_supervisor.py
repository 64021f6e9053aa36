"""The supervisor with trivial children: up, restart, status, down, and nothing left behind whatever happened."""

import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from pipeline.errors import LocalStackUnusable
from pipeline.local.home import StackHome
from pipeline.local.processes import Recorded, find, record_of, spawn
from pipeline.local.stack import follow, is_running, launch, status, tail, take_down
from pipeline.local.supervisor import Supervisor

_PATIENCE_SECONDS = 20.0


@pytest.fixture
def home(tmp_path: Path) -> Iterator[StackHome]:
    with_logs = StackHome(tmp_path / "home")
    with_logs.create()
    yield with_logs
    take_down(with_logs, lambda _line: None)


def up(home: StackHome, kind: str = "good") -> list[str]:
    said: list[str] = []
    launch(home, [sys.executable, "-m", "tests.integration.trivial_stack", str(home.folder), kind], said.append)
    return said


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def records(home: StackHome) -> list[Recorded]:
    run = home.run()
    return [Recorded(**run["supervisor"]), *(Recorded(child["pid"], child["started"]) for child in run["children"])]


def nothing_runs(of: list[Recorded]) -> bool:
    return not any(find(record) for record in of)


def test_up_returns_when_all_answer_and_down_leaves_nothing(home: StackHome) -> None:
    said = up(home)
    rows = status(home)
    assert [(row["name"], row["state"], row["health"]) for row in rows] == [
        ("store", "running", "ok"),
        ("worker", "running", "ok"),
    ]
    assert "Ready" in said
    ran = records(home)
    take_down(home, said.append)
    assert nothing_runs(ran)
    assert said.index("Stopping worker") < said.index("Stopping store")
    assert status(home) == []


def test_ready_is_said_before_it_is_written_so_that_who_waits_for_it_hears_it(tmp_path: Path) -> None:
    home = StackHome(tmp_path / "in this process")
    home.create()
    written_when_said: list[str] = []

    def say(line: str) -> None:
        if line == "Ready":
            written_when_said.append(home.run()["state"])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Supervisor(home, [], say).run()
    assert written_when_said == ["starting"]


def test_up_waits_for_a_child_that_answers_and_is_not_at_work_yet(home: StackHome) -> None:
    said = up(home, "lags")
    answers = next(n for n, line in enumerate(said) if line.startswith("worker answers"))
    assert answers < said.index("worker is not at work yet") < said.index("Ready")


def test_a_dead_child_is_started_again_under_the_same_port(home: StackHome) -> None:
    up(home)
    before = {row["name"]: row for row in status(home)}
    psutil.Process(before["worker"]["pid"]).kill()
    wait_until(lambda: status(home)[1]["restarts"] == 1 and status(home)[1]["health"] == "ok")
    after = {row["name"]: row for row in status(home)}
    assert after["worker"]["port"] == before["worker"]["port"]
    assert after["worker"]["pid"] != before["worker"]["pid"]
    assert after["store"]["pid"] == before["store"]["pid"]


def test_two_stacks_run_side_by_side(home: StackHome, tmp_path: Path) -> None:
    other = StackHome(tmp_path / "other")
    other.create()
    try:
        up(home)
        up(other)
        ports = {row["port"] for row in [*status(home), *status(other)]}
        assert len(ports) == 4
        take_down(other, lambda _line: None)
        assert all(row["health"] == "ok" for row in status(home))
    finally:
        take_down(other, lambda _line: None)


def test_a_second_supervisor_in_one_home_is_refused(home: StackHome) -> None:
    up(home)
    with pytest.raises(LocalStackUnusable, match="already runs"):
        up(home)
    assert all(row["health"] == "ok" for row in status(home))


def test_children_of_a_killed_supervisor_do_not_stay(home: StackHome) -> None:
    up(home)
    ran = records(home)
    psutil.Process(ran[0].pid).kill()
    wait_until(lambda: not is_running(home))
    take_down(home, lambda _line: None)
    assert nothing_runs(ran)


def test_a_child_nobody_supervises_is_found_by_its_record(home: StackHome) -> None:
    orphan = spawn([sys.executable, "-c", "import time; time.sleep(600)"], {}, home.log_file("orphan"))
    record = record_of(orphan.pid)
    child = {"name": "orphan", "pid": record.pid, "started": record.started, "stop_rank": 0, "stop_seconds": 5.0}
    home.write_run({"state": "ready", "children": [child]})
    take_down(home, lambda _line: None)
    assert nothing_runs([record])
    orphan.wait()


def test_another_process_with_the_same_number_is_left_alone(home: StackHome) -> None:
    stranger = spawn([sys.executable, "-c", "import time; time.sleep(600)"], {}, home.log_file("stranger"))
    started = record_of(stranger.pid).started - 100
    child = {"name": "stranger", "pid": stranger.pid, "started": started, "stop_rank": 0, "stop_seconds": 5.0}
    home.write_run({"state": "ready", "children": [child]})
    take_down(home, lambda _line: None)
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_a_paused_child_is_stopped_all_the_same(home: StackHome) -> None:
    up(home)
    ran = records(home)
    psutil.Process(ran[2].pid).send_signal(signal.SIGSTOP)
    take_down(home, lambda _line: None)
    assert nothing_runs(ran)


@pytest.mark.parametrize(
    ("kind", "words"),
    [("dies", "worker ended with 1 while starting"), ("task-fails", "make failed")],
)
def test_a_part_that_fails_while_starting_is_named_with_its_last_words(home: StackHome, kind: str, words: str) -> None:
    with pytest.raises(LocalStackUnusable, match=words) as failure:
        up(home, kind)
    assert {"dies": "no luck today", "task-fails": "cannot create"}[kind] in str(failure.value)
    assert nothing_runs(records(home))


def test_an_interrupted_up_leaves_nothing(home: StackHome, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[Recorded] = []

    def interrupt(_seconds: float) -> None:
        if len(home.run().get("children", [])) == 2 and not ran:
            ran.extend(records(home))
            raise KeyboardInterrupt
        time.monotonic()

    monkeypatch.setattr("pipeline.local.stack.time.sleep", interrupt)
    with pytest.raises(KeyboardInterrupt):
        up(home, "silent")
    assert len(ran) == 3
    assert nothing_runs(ran)


def test_a_kept_port_in_use_is_replaced(home: StackHome) -> None:
    port = home.ports(["store"])["store"]
    assert home.ports(["store"])["store"] == port
    with socket.create_server(("127.0.0.1", port)):
        assert home.ports(["store"])["store"] != port


def test_a_home_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    with pytest.raises(LocalStackUnusable, match=r"cannot be written.*--home"):
        StackHome(in_the_way / "home").create()


def test_passwords_are_generated_once_and_are_the_owners_alone(home: StackHome) -> None:
    passwords = home.passwords()
    assert home.passwords() == passwords
    assert len(set(passwords.values())) == 2
    assert home.secrets_file.stat().st_mode & 0o077 == 0


def test_logs_are_shown_from_their_end_and_followed(home: StackHome) -> None:
    log = home.log_file("store")
    log.write_text("one\ntwo\nthree\n")
    assert tail(log, 2) == ["two", "three"]
    assert tail(home.log_file("absent"), 2) == []
    lines = follow([log])
    with log.open("a") as more:
        more.write("four\nfi")
    assert next(lines) == (log, "four")
    with log.open("a") as more:
        more.write("ve\n")
    assert next(lines) == (log, "five")
