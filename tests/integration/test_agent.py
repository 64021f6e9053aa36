"""The agent's process against the real HTTP way in, on a log that is a list: killed, cut off, refused, out of room."""

import json
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.agent_process import AgentHouse, until
from tests.served_house import ServedHouse, served

CODE = "(01)09506000134352(21)"
STEP = ("--step", "RECEIVE")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[ServedHouse]:
    with served(tmp_path / "home") as serving:
        yield serving


@pytest.fixture
def agents(tmp_path: Path, house: ServedHouse) -> Iterator[AgentHouse]:
    with closing(AgentHouse(tmp_path / "spool", house.url, house.key)) as agents:
        yield agents


def lines(count: int, first: int = 0) -> str:
    return "".join(f"{CODE}S{number}\n" for number in range(first, first + count))


def serials_in_order(house: ServedHouse) -> list[str]:
    """Returns the serials on the log in the order in which each came first; no reading is there under two names."""
    names: dict[str, str] = {}
    for scan in house.scans:
        assert names.setdefault(scan["serial"], scan["scan_id"]) == scan["scan_id"], "one line, two readings"
    return list(names)


def expected(count: int) -> list[str]:
    return [f"S{number}" for number in range(count)]


def test_lines_are_sent_and_what_was_refused_is_shown_and_sent_again(agents: AgentHouse, house: ServedHouse) -> None:
    ahead = {"code": f"{CODE}A", "event_time": "2099-01-01T00:00:00Z"}
    given = f"{CODE}1\n{json.dumps(ahead)}\nhello\n{{no scan\n"
    ended = agents.run("--once", "--acknowledge", *STEP, "--attribute", "shift=late", given=given)
    assert ended.returncode == 1
    assert [json.loads(line)["fault"] for line in ended.stdout.splitlines()] == [None, None, None, "NOT_JSON"]
    assert [scan["serial"] for scan in house.scans] == ["1", "A"]
    assert house.scans[0]["attributes"] == [{"name": "shift", "value": "late"}]
    row = agents.status()
    assert (row["waiting"], row["refused"], row["state"]) == (0, 3, "not running")
    assert row["outcomes"] == {"NOT_JSON": 1, "BAD_CODE": 1, "ACCEPTED": 1, "REJECTED": 1}
    refused = json.loads(agents.run("refused", "--json").stdout)
    assert [(one["reason"], one["stage"]) for one in refused] == [
        ("NOT_JSON", "line"), ("BAD_CODE", "capture"), ("FUTURE_TIME", "verdict"),
    ]  # fmt: skip
    assert agents.run("forget", "--reason", "not_json").returncode == 0
    assert agents.run("retry", str(refused[2]["number"])).returncode == 0
    assert agents.run("--once", *STEP).returncode == 1
    assert [scan["serial"] for scan in house.scans] == ["1", "A", "A"]
    assert {one["reason"] for one in json.loads(agents.run("refused", "--json").stdout)} == {"BAD_CODE", "FUTURE_TIME"}
    assert "FUTURE_TIME" in agents.run("refused", "--reason", "future_time").stdout
    assert agents.run("retry", "--reason", "NONE_OF_THEM").returncode == 1


def test_an_agent_killed_twenty_times_while_its_file_rotates_and_its_network_breaks_sends_every_line_once(
    tmp_path: Path, agents: AgentHouse, house: ServedHouse
) -> None:
    chance, file, written = random.Random(4), tmp_path / "reader.log", 0  # noqa: S311  no secret
    for kill in range(20):
        count = chance.randrange(1, 400)
        with file.open("a") as out:
            out.write(lines(count, written))
        written += count
        if kill % 5 == 4:
            file.rename(file.with_name(f"reader.log-202611{kill:02}"))
        if kill % 6 == 3:
            house.stop()
        seen = len(house.scans)
        process = agents.start("--follow", str(file), "--batch", "50", *STEP)
        if kill % 3:  # into its work: the start alone takes most of a random time
            until(lambda: len(house.scans) > seen or house.is_stopped)  # noqa: B023  called within the round
        process.kill() if chance.random() < 0.8 else process.send_signal(signal.SIGTERM)
        process.communicate()
        if kill % 6 == 5:
            house.start()
    file.touch()
    house.start()
    agents.drain("--follow", str(file), *STEP)
    assert serials_in_order(house) == expected(written)
    row = agents.status()
    assert (row["waiting"], row["refused"]) == (0, 0)


@pytest.mark.parametrize("place", ["agent.between_answer_and_cursor", "agent.between_disk_and_word"])
def test_an_agent_that_dies_at_the_worst_moments_sends_every_line_once(
    tmp_path: Path, agents: AgentHouse, house: ServedHouse, place: str
) -> None:
    file = tmp_path / "reader.log"
    file.write_text(lines(300))
    for death in (1, 2, 1, 2):
        process = agents.start("--follow", str(file), "--batch", "40", *STEP, SCANLEDGER_FAULT=f"{place}:{death}")
        process.communicate(timeout=60)
        assert process.returncode == -signal.SIGKILL
        with file.open("a") as out:
            out.write(lines(100, 300 + 100 * ((file.read_text().count("\n") - 300) // 100)))
    agents.drain("--follow", str(file), *STEP)
    assert serials_in_order(house) == expected(700)
    assert len(house.scans) == 700  # the repeat of a request is answered with its first receipt


def test_two_agents_never_use_one_spool(agents: AgentHouse, house: ServedHouse) -> None:
    first = agents.start("--follow", "/nowhere", *STEP)
    until(lambda: agents.spool.exists() and agents.status()["state"] == "working")
    second = agents.run("--once", given=lines(1))
    assert second.returncode == 2
    assert "Another agent uses the spool" in second.stderr
    agents.end(first)
    assert house.scans == []


def test_told_to_end_an_agent_leaves_nothing_of_what_it_read_behind(agents: AgentHouse, house: ServedHouse) -> None:
    house.stop()
    process = agents.start(*STEP, "--acknowledge", stdin=subprocess.PIPE)
    assert process.stdin
    assert process.stdout
    process.stdin.write(lines(3) + "half")
    process.stdin.flush()
    assert [json.loads(process.stdout.readline())["line"] for _ in range(3)] == [1, 2, 3]
    process.send_signal(signal.SIGINT)
    process.wait(60)
    assert process.returncode == 0
    assert "4 bytes of a line that had not ended" in agents.said
    process.communicate()
    house.start()
    agents.drain()
    assert serials_in_order(house) == expected(3)


def test_a_reader_that_scans_while_the_network_is_away_has_its_own_times(
    agents: AgentHouse, house: ServedHouse
) -> None:
    house.stop()
    process = agents.start(*STEP, "--acknowledge", stdin=subprocess.PIPE)
    assert process.stdin
    assert process.stdout
    for number in range(3):
        process.stdin.write(lines(1, number))
        process.stdin.flush()
        process.stdout.readline()
    until(lambda: agents.status()["state"] == "waiting")
    row = agents.status()
    assert (row["waiting"], "does not answer" in row["why"], row["oldest_waiting"][:4].isdecimal()) == (3, True, True)
    back = 1000 * time.time()
    house.start()
    process.stdin.close()
    assert process.wait(60) == 0
    process.stdout.close()
    times = [scan["event_time"] for scan in house.scans]
    assert serials_in_order(house) == expected(3)
    assert times == sorted(times)
    assert max(times) <= back


def test_an_unknown_key_ends_an_agent_with_a_sentence_and_the_lines_kept(
    agents: AgentHouse, house: ServedHouse
) -> None:
    ended = agents.run("--once", *STEP, given=lines(2), SCANLEDGER_KEY="sl_none_atall")
    assert ended.returncode == 2
    assert "401: KEY_UNKNOWN: Send an API key that is not revoked" in ended.stderr
    assert "sl_none_atall" not in ended.stderr + ended.stdout
    assert agents.status()["waiting"] == 2
    agents.drain()
    assert serials_in_order(house) == expected(2)


@contextmanager
def a_small_disk(folder: Path, size: str) -> Iterator[None]:
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], check=False, capture_output=True
    )
    if made.returncode:
        pytest.skip(f"no small disk can be mounted here: {made.stderr.decode().strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.slow  # it waits for a small disk to write each line through: minutes where other tests write too
@pytest.mark.timeout(1800)
def test_on_a_disk_without_room_no_line_is_acknowledged_and_with_room_again_every_line_comes_once(
    tmp_path: Path, house: ServedHouse
) -> None:
    file = tmp_path / "reader.log"
    file.write_text(lines(4000))
    with a_small_disk(tmp_path / "disk", "512k"):
        (filler := tmp_path / "disk" / "filler").write_bytes(bytes(64 * 1024))
        agents = AgentHouse(tmp_path / "disk" / "spool", house.url, house.key)
        house.stop()
        ended = agents.run("--once", "--timeout", "2", "--follow", str(file), "--acknowledge", *STEP)
        assert ended.returncode == 2
        assert "No space left on device. Make room on its disk" in ended.stderr
        told = [json.loads(line)["line"] for line in ended.stdout.splitlines()]
        row = agents.status()
        assert row["taken"] == max(told) == row["waiting"] + row["acknowledged"]
        filler.unlink()
        house.start()
        left = agents.run("--once", "--follow", str(file), "--batch", "100", *STEP)
        while left.returncode == 2:  # what was sent has made room
            left = agents.run("--once", "--follow", str(file), "--batch", "100", *STEP)
        assert serials_in_order(house) == expected(4000)


def test_settings_that_make_no_sense_are_one_sentence_and_no_line_is_taken(tmp_path: Path, agents: AgentHouse) -> None:
    for words, said in (
        (("--follow", "x", "--serial", "y"), "one of them"),
        (("--once", "--serial", "y"), "for what ends"),
        (("--step", "recieve"), "did you mean RECEIVE?"),
        (("--url", "ledger"), "https://ledger.example"),
        (("--serial", "/dev/none"), "/dev/none cannot be opened"),
        (("--key-file", str(tmp_path / "none")), "cannot be read"),
    ):
        ended = agents.run(*words, given=lines(1))
        assert ended.returncode == 2
        assert said in ended.stderr, ended.stderr
    assert "There is no spool in" in AgentHouse(tmp_path / "other", "http://x", "y").run("status").stderr
