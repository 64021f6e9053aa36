"""Scans over HTTP on a whole stack: verdicts, receipts, units; a broker stopped or killed midway; a killed capture."""

import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from pipeline.local.ports import free_ports
from tests.agent_process import AgentHouse
from tests.integration.capture_stack import (
    PATIENCE_SECONDS,
    SITE,
    CaptureStack,
    decided,
    paused,
    post_until_taken,
    running_capture_stack,
    until,
)

ITEM = "(01)09506000134352"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CaptureStack]:
    with running_capture_stack(tmp_path_factory.mktemp("home"), "--no-findings") as stack:
        yield stack


@pytest.fixture
def site(stack: CaptureStack) -> Iterator[httpx.Client]:
    with stack.client() as client:
        yield client


def a_scan(serial: str, step: str = "COMMISSION", at: str = "2026-11-02T09:20:00Z", **fields: object) -> dict[str, Any]:
    return {"code": f"{ITEM}(21){serial}", "step": step, "event_time": at} | fields


def test_a_kiosk_is_told_step_by_step_and_of_a_repeat_what_is_held(site: httpx.Client) -> None:
    def verdict(step: str, at: str, **fields: object) -> dict[str, Any]:
        answer = site.post("/v1/scans?wait=20", json=[a_scan("KIOSK", step, at, **fields)])
        assert answer.status_code == 200, answer.text
        return dict(answer.json()["verdicts"][0])

    made = verdict("COMMISSION", "2026-11-02T09:00:00Z")
    assert (made["reason"], made["state_after"]) == ("UNKNOWN_SITE", "COMMISSIONED")
    early = verdict("RETURN", "2026-11-02T10:00:00Z")
    assert (early["outcome"], early["reason"], early["next"]["proceed"]) == ("REJECTED", "RETURN_NOT_SOLD", "NO")
    assert verdict("SELL", "2026-11-02T11:00:00Z")["state_after"] == "SOLD"
    returned = verdict("RETURN", "2026-11-02T12:00:00Z", scan_id="return-1")
    assert (returned["state_after"], returned["sold_at"]) == ("RETURNED", "2026-11-02T11:00:00.000Z")
    again = verdict("RETURN", "2026-11-02T12:00:00Z", scan_id="return-1")
    assert (again["outcome"], again["reason"], again["next"]["proceed"]) == ("REPEATED", "REDELIVERED", "HELD")
    assert (again["held"]["scan_id"], again["held"]["state_after"]) == ("return-1", "RETURNED")
    ahead = verdict("STORE", "2099-01-01T00:00:00Z")
    assert (ahead["reason"], ahead["next"]["proceed"]) == ("FUTURE_TIME", "NO")


def test_a_receipt_tells_every_scan_and_a_unit_its_history(stack: CaptureStack, site: httpx.Client) -> None:
    scans = [a_scan(f"R{n}") for n in range(30)] + [
        {"step": "?"},
        a_scan("R1"),
        a_scan("R2", "SELL", "2026-11-03T00:00:00Z"),
    ]
    receipt = site.post("/v1/scans", json=scans).json()["id"]
    counts = decided(site, receipt)
    assert counts == {
        "scans": 33, "queued": 32, "malformed": 1, "skewed": 0, "pending": 0, "dead_lettered": 0, "accepted": 0,
        "flagged": 31, "repeated": 1, "rejected": 0, "undecided": 0,
    }  # fmt: skip
    places: list[int] = []
    after: int | None = -1
    while after is not None:
        page = site.get(f"/v1/receipts/{receipt}", params={"after": after, "limit": 10}).json()
        places += [scan["index"] for scan in page["scans"]]
        after = page["next"]
    assert places == [*range(30), 31, 32]

    with stack.client("analyst") as analyst:
        code = quote("https://id.gs1.org/01/09506000134352/21/R2", safe="")
        unit = analyst.get(f"/v1/units/{code}").json()
        assert (unit["unit_key"], unit["state"], unit["place"]["site"]) == ("gtin:09506000134352/R2", "SOLD", SITE)
        assert [one["step"] for one in unit["history"]] == ["SELL", "COMMISSION"]
        assert unit["history"][1]["receipt"] == f"{receipt}/00002"
        assert analyst.get(f"/v1/units/{quote('gtin:09506000134352/a%2Fb', safe='')}").json()["error"] == "UNIT_UNKNOWN"


def test_a_broker_that_stands_still_is_503_within_two_seconds_and_nothing_is_doubled(
    stack: CaptureStack, site: httpx.Client
) -> None:
    scans = [a_scan(f"S{n}") for n in range(500)]
    with paused(stack.pid("kafka")):
        begun = time.monotonic()
        answer = site.post("/v1/scans", json=scans, headers={"Idempotency-Key": "still"})
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
        assert time.monotonic() - begun < 2.0
        until(lambda: site.get("/health").status_code == 503)
    taken = post_until_taken(site, scans, "still")
    assert taken["id"] == answer.json()["receipt"]
    counts = decided(site, taken["id"])
    assert (counts["flagged"], counts["repeated"]) == (500, 0)


@pytest.mark.parametrize("how", [signal.SIGSTOP, pytest.param(signal.SIGKILL, marks=pytest.mark.slow)])
def test_a_broker_stopped_midway_loses_nothing_and_doubles_nothing(stack: CaptureStack, how: signal.Signals) -> None:
    requests = [[a_scan(f"M{how.name}-{n}-{k}") for k in range(1000)] for n in range(12)]
    receipts: list[str] = []

    def send(some: list[list[dict[str, Any]]]) -> None:
        with stack.client() as client:
            for scans in some:
                receipts.append(post_until_taken(client, scans, scans[0]["code"])["id"])

    senders = [threading.Thread(target=send, args=(requests[n::3],)) for n in range(3)]
    for sender in senders:
        sender.start()
    until(lambda: len(receipts) >= 1)
    os.kill(stack.pid("kafka"), how)
    if how is signal.SIGSTOP:
        time.sleep(3.0)
        os.kill(stack.pid("kafka"), signal.SIGCONT)
    for sender in senders:
        sender.join()
    assert len(receipts) == len(requests)
    with stack.client("analyst") as analyst:
        for receipt in receipts:
            counts = decided(analyst, receipt)
            assert (counts["flagged"], counts["repeated"], counts["pending"]) == (1000, 0, 0)
        for n in (0, 11):  # taken once, however often it came
            unit = analyst.get(f"/v1/units/{quote(f'gtin:09506000134352/M{how.name}-{n}-7', safe='')}").json()
            assert (unit["state"], unit["applied"]) == ("COMMISSIONED", 1)


@pytest.mark.parametrize("place", ["capture.between_receipt_and_send", "capture.between_send_and_answer"])
def test_a_capture_killed_between_receipt_and_answer_is_completed_by_the_repeat(
    stack: CaptureStack, place: str
) -> None:
    scans = [a_scan(f"K{place[-4:]}{n}") for n in range(200)]
    with stack.another(SCANLEDGER_FAULT=place) as (url, process), stack.client(url=url) as client:
        with pytest.raises(httpx.TransportError):
            client.post("/v1/scans", json=scans, headers={"Idempotency-Key": place})
        assert process.wait(60) == -signal.SIGKILL
        key = client.headers["Authorization"]
    with httpx.Client(base_url=stack.url, headers={"Authorization": key}, timeout=40) as client:
        first = client.post("/v1/scans", json=scans, headers={"Idempotency-Key": place})
        again = client.post("/v1/scans", json=scans, headers={"Idempotency-Key": place})
        assert (first.status_code, again.json()) == (202, first.json())
        counts = decided(client, first.json()["id"])
    assert (counts["flagged"], counts["repeated"]) == (200, 0)


def test_receipts_and_idempotency_keys_outlive_the_process(stack: CaptureStack, site: httpx.Client) -> None:
    scans = [a_scan("RESTART")]
    first = site.post("/v1/scans", json=scans, headers={"Idempotency-Key": "restart"}).json()
    pid = stack.pid("capture")
    os.kill(pid, signal.SIGKILL)
    until(lambda: stack.pid("capture") != pid)
    until(lambda: _is_there(site))
    assert site.post("/v1/scans", json=scans, headers={"Idempotency-Key": "restart"}).json() == first
    assert decided(site, first["id"])["queued"] == 1


def _is_there(client: httpx.Client) -> bool:
    try:
        return client.get("/health").status_code == 200
    except httpx.TransportError:
        return False


def test_a_told_end_answers_who_waits_and_leaves_in_order(stack: CaptureStack) -> None:
    answers: list[httpx.Response] = []
    with stack.another() as (url, process), stack.client(url=url) as client, paused(stack.pid("worker-1")):
        scans = [a_scan("END")]
        waiting = threading.Thread(target=lambda: answers.append(client.post("/v1/scans?wait=30", json=scans)))
        waiting.start()
        time.sleep(1.0)
        begun = time.monotonic()
        process.terminate()
        waiting.join()
        assert process.wait(PATIENCE_SECONDS) == 0
        assert time.monotonic() - begun < 15
    assert (answers[0].status_code, answers[0].json()["pending"]) == (202, [0])


def test_every_line_of_an_agent_is_accepted_once_whatever_is_killed_on_its_way(
    stack: CaptureStack, tmp_path: Path
) -> None:
    (tmp_path / "sites.csv").write_text("name,latitude,longitude,kind\ndock-oslo,59.9,10.7,DOCK\n")
    stack.run("sites", "load", str(tmp_path / "sites.csv"))
    port, file = str(free_ports(1)[0]), tmp_path / "reader.log"
    words = ("--follow", str(file), "--batch", "40", "--step", "COMMISSION")
    url, key = f"http://127.0.0.1:{port}", stack.key("site", "dock-oslo")
    with closing(AgentHouse(tmp_path / "spool", url, key)) as agents:

        def read(first: int) -> None:
            with file.open("a") as out:
                out.writelines(f"{ITEM}(21)LINE{number}\n" for number in range(first, first + 100))

        read(0)
        agent = agents.start(*words)
        until(lambda: agents.spool.exists() and agents.status()["waiting"] >= 100)
        agent.kill()
        read(100)
        agent = agents.start(*words)
        dying = {"SCANLEDGER_CAPTURE_PORT": port, "SCANLEDGER_FAULT": "capture.between_send_and_answer:2"}
        with stack.another(**dying) as (_, capture):
            assert capture.wait(PATIENCE_SECONDS) == -signal.SIGKILL
        with stack.another(SCANLEDGER_CAPTURE_PORT=port):
            with paused(stack.pid("kafka")):
                read(200)
                until(lambda: "503" in agents.status()["why"])
                agent.kill()
                read(300)
                agents.start(*words).kill()
            agents.drain(*words)
        assert agents.status()["outcomes"] == {"ACCEPTED": 400}
    accepted = "SELECT serial, countIf(outcome = 'ACCEPTED') AS accepted, countIf(outcome <> 'REPEATED') AS decided"
    counts = f"SELECT accepted, decided, count() AS units FROM ({accepted} FROM v_unit_events WHERE site = 'dock-oslo'"
    rows = json.loads(stack.run("query", f"{counts} GROUP BY serial) GROUP BY ALL", "--json"))
    assert [{name: int(value) for name, value in row.items()} for row in rows] == [
        {"accepted": 1, "decided": 1, "units": 400}
    ]
