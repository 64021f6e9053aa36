"""Requests that wait for their verdicts: each answer with what to do next, and what is there when the time is over."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from pipeline.broker.tail import Followed
from pipeline.capture.http.room import Room, too_much
from pipeline.errors import BrokerUnreachable
from pipeline.wire.schemas import encode
from tests.http_house import KeptRows, Opened, a_decision, a_scan, opened

PATIENCE_SECONDS = 10


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def row(place: int, **fields: object) -> dict[str, Any]:
    usual = {
        "place": place, "scan_id": f"s{place}", "unit_key": "gtin:09506000134352/A", "step": "RECEIVE",
        "event_time": datetime(2026, 11, 2, 9, 20, tzinfo=UTC), "site": "shop-oslo", "outcome": "ACCEPTED",
        "reason": "NONE", "state_before": "IN_TRANSIT", "state_after": "RECEIVED", "sold_at": None,
        "previous_site": None, "previous_event_time": None, "item": "gtin:09506000134352", "serial": "A",
        "reader": None, "document": None, "partition": 1, "ordinal": 7 + place,
    }  # fmt: skip
    return usual | fields


def test_every_verdict_is_answered_with_what_to_do_next(site: TestClient) -> None:
    answer = site.post("/v1/scans?wait=5", json=[a_scan(), a_scan(code="(00)106141412345678908")])
    assert answer.status_code == 200
    told = answer.json()
    assert told["pending"] == []
    assert [verdict["index"] for verdict in told["verdicts"]] == [0, 1]
    first = told["verdicts"][0]
    assert (first["unit_key"], first["outcome"], first["reason"]) == ("gtin:09506000134352/ABC123", "ACCEPTED", "NONE")
    assert first["next"] == {"proceed": "YES", "text": "Go on: the scan was applied. The unit is yours now."}
    assert first["previous_event_time"] == "2026-10-26T07:33:20.000Z"


@pytest.mark.parametrize(
    ("decision", "proceed", "words"),
    [
        ({"sold_at": 1_793_000_000_000, "state_before": "SOLD"}, "YES", "may be refunded"),
        ({}, "YES", "nothing to refund"),
        ({"outcome": "REJECTED", "reason": "RETURN_NOT_SOLD"}, "NO", "never sold"),
        ({"outcome": "FLAGGED", "reason": "CUSTODY_CONFLICT"}, "ASK", "Another site has the unit"),
        ({"outcome": "UNDECIDED", "reason": "LATE_BEYOND_TAIL"}, "ASK", "older than what is remembered"),
    ],
)
def test_a_kiosk_learns_whether_it_may_refund(
    house: Opened, site: TestClient, decision: dict[str, Any], proceed: str, words: str
) -> None:
    house.verdicts.decide = lambda _: decision
    (verdict,) = site.post("/v1/scans?wait=5", json=[a_scan(step="RETURN")]).json()["verdicts"]
    assert verdict["next"]["proceed"] == proceed
    assert words in verdict["next"]["text"]


def test_what_has_not_come_in_time_is_pending_and_the_request_is_accepted(house: Opened, site: TestClient) -> None:
    house.verdicts.decide = lambda scan: {} if scan["step"] == "SHIP" else None
    answer = site.post("/v1/scans?wait=0.3", json=[a_scan(), {"step": "?"}, a_scan(step="SHIP")])
    assert answer.status_code == 202
    assert answer.json()["pending"] == [0]
    assert [verdict["index"] for verdict in answer.json()["verdicts"]] == [2]


def test_only_the_partitions_of_the_scans_are_followed(house: Opened, site: TestClient) -> None:
    site.post("/v1/scans", json=[a_scan()])
    assert house.verdicts.followed == frozenset()
    site.post("/v1/scans?wait=5", json=[a_scan()])
    assert len(house.verdicts.followed) == 1


def test_verdicts_of_others_under_the_same_keys_are_not_mistaken_for_ours(house: Opened, site: TestClient) -> None:
    def others_first(scan: dict[str, Any]) -> dict[str, Any]:
        for receipt in (None, "other/00000", "other", f"{scan['receipt'].split('/')[0]}/x"):
            verdict = {"scan": scan | {"receipt": receipt}, "decision": a_decision(outcome="REJECTED")}
            house.verdicts.records.put(Followed(0, b"gtin:09506000134352/ABC123", encode("verdict", verdict)))
        house.verdicts.records.put(Followed(0, b"gtin:09506000134352/ABC123", b"no verdict"))
        house.verdicts.records.put(Followed(0, b"gtin:09506000134352/ABC123", None))
        return {}

    house.verdicts.decide = others_first
    answer = site.post("/v1/scans?wait=5", json=[a_scan()])
    assert answer.json()["verdicts"][0]["outcome"] == "ACCEPTED"


def test_of_a_repeated_scan_it_is_told_what_is_held_of_the_one_it_repeats(house: Opened, site: TestClient) -> None:
    house.verdicts.decide = lambda _: {"outcome": "REPEATED", "reason": "REDELIVERED"}
    house.questions.held = row(0, outcome="REJECTED", reason="RETRACTED")
    (verdict,) = site.post("/v1/scans?wait=5", json=[a_scan()]).json()["verdicts"]
    assert verdict["next"]["proceed"] == "HELD"
    assert (verdict["held"]["outcome"], verdict["held"]["reason"]) == ("REJECTED", "RETRACTED")
    assert verdict["held"]["next"]["proceed"] == "NO"


def test_what_is_held_is_waited_for_while_the_sink_has_yet_to_write_it(house: Opened, site: TestClient) -> None:
    house.verdicts.decide = lambda _: {"outcome": "REPEATED", "reason": "DOUBLE_SCAN"}
    asked = 0

    class Late(KeptRows):
        def repeated(self, verdict: dict[str, Any]) -> dict[str, Any] | None:
            nonlocal asked
            asked += 1
            return row(0) if asked == 3 else None

    object.__setattr__(house.house.waits, "_questions", Late())
    (verdict,) = site.post("/v1/scans?wait=5", json=[a_scan()]).json()["verdicts"]
    assert (asked, verdict["held"]["outcome"]) == (3, "ACCEPTED")


def test_what_is_held_is_told_of_each_of_a_hundred_repeated_scans(house: Opened, site: TestClient) -> None:
    house.verdicts.decide = lambda _: {"outcome": "REPEATED", "reason": "REDELIVERED"}
    house.questions.held = row(0)
    answer = site.post("/v1/scans?wait=10", json=[a_scan(reader=str(n)) for n in range(100)])
    assert [verdict["held"] is None for verdict in answer.json()["verdicts"]] == [False] * 100


def test_while_others_ask_as_much_as_may_be_asked_what_is_held_is_looked_up_again(
    house: Opened, site: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.verdicts.decide = lambda _: {"outcome": "REPEATED", "reason": "REDELIVERED"}
    house.questions.held, asked = row(0), []
    ask = house.house.reading.ask

    async def crowded(question: Callable[[], Any]) -> Any:  # noqa: ANN401  whatever is asked
        asked.append(question)
        if len(asked) < 3:
            raise too_much(str(asked))
        return await ask(question)

    monkeypatch.setattr(house.house.reading, "ask", crowded)
    (verdict,) = site.post("/v1/scans?wait=5", json=[a_scan()]).json()["verdicts"]
    assert (len(asked), verdict["held"]["outcome"]) == (3, "ACCEPTED")


def test_a_repeat_that_waits_is_told_what_is_held_of_what_was_repeated(house: Opened, site: TestClient) -> None:
    headers, scans = {"Idempotency-Key": "k"}, [a_scan(), a_scan(step="SHIP")]
    site.post("/v1/scans", json=scans, headers=headers)
    asked = []

    class Asked(KeptRows):
        def repeated(self, verdict: dict[str, Any]) -> dict[str, Any]:
            asked.append((verdict["scan"]["serial"], verdict["scan"]["event_time"], verdict["decision"]["ordinal"]))
            return row(0, outcome="REJECTED", reason="RETRACTED")

    questions = Asked()
    questions.rows = [row(0), row(1, outcome="REPEATED", reason="DOUBLE_SCAN")]
    object.__setattr__(house.house.waits, "_questions", questions)
    first, second = site.post("/v1/scans?wait=5", json=scans, headers=headers).json()["verdicts"]
    assert ("held" in first, second["held"]["outcome"]) == (False, "REJECTED")
    assert asked == [("A", 1_793_611_200_000, 8)]


def test_without_clickhouse_a_repeated_scan_is_still_answered(house: Opened, site: TestClient) -> None:
    house.verdicts.decide = lambda _: {"outcome": "REPEATED", "reason": "REDELIVERED"}
    house.questions.is_down = True
    answer = site.post("/v1/scans?wait=0.3", json=[a_scan()])
    assert (answer.status_code, answer.json()["verdicts"][0]["held"]) == (200, None)


def test_a_repeat_that_waits_gets_its_first_receipt_and_what_became_of_it(house: Opened, site: TestClient) -> None:
    headers = {"Idempotency-Key": "k"}
    scans = [a_scan(), {"step": "?"}, a_scan(step="SHIP")]
    first = site.post("/v1/scans", json=scans, headers=headers).json()
    house.questions.rows = [row(0)]
    some = site.post("/v1/scans?wait=0.2", json=scans, headers=headers)
    house.questions.rows = [row(0), row(2, outcome="FLAGGED", reason="UNKNOWN_SITE")]
    every = site.post("/v1/scans?wait=5", json=scans, headers=headers)
    assert len(house.log.keys) == 2
    assert (some.status_code, some.json()["id"], some.json()["pending"]) == (202, first["id"], [2])
    assert (every.status_code, every.json()["id"], every.json()["pending"]) == (200, first["id"], [])
    assert [verdict["outcome"] for verdict in every.json()["verdicts"]] == ["ACCEPTED", "FLAGGED"]


def test_a_repeat_that_waits_while_clickhouse_is_away_gets_its_receipt(house: Opened, site: TestClient) -> None:
    headers = {"Idempotency-Key": "k"}
    site.post("/v1/scans", json=[a_scan()], headers=headers)
    house.questions.is_down = True
    again = site.post("/v1/scans?wait=0.2", json=[a_scan()], headers=headers)
    assert (again.status_code, again.json()["pending"], again.json()["verdicts"]) == (202, [0], [])


@pytest.mark.parametrize("wait", ["0", "-1", "31", "soon", "nan", "inf"])
def test_a_wait_that_is_none_is_400_and_nothing_is_sent(house: Opened, site: TestClient, wait: str) -> None:
    answer = site.post("/v1/scans", params={"wait": wait}, json=[a_scan()])
    assert (answer.status_code, answer.json()["error"], house.log.keys) == (400, "BAD_PARAMETER", [])


def test_more_than_a_hundred_scans_are_not_waited_for(house: Opened, site: TestClient) -> None:
    scans = [a_scan(code=f"(01)09506000134352(21){n}") for n in range(101)]
    answer = site.post("/v1/scans?wait=5", json=scans)
    assert (answer.status_code, answer.json()["error"], house.log.keys) == (413, "TOO_MANY_TO_WAIT_FOR", [])
    assert site.post("/v1/scans?wait=5", json=scans[:100]).status_code == 200


def test_a_request_of_which_nothing_is_queued_does_not_wait(site: TestClient) -> None:
    answer = site.post("/v1/scans?wait=5", json=[{"step": "?"}])
    assert (answer.status_code, "verdicts" in answer.json()) == (422, False)


def test_a_kafka_that_does_not_answer_is_503_before_anything_is_sent(house: Opened, site: TestClient) -> None:
    house.verdicts.is_down = True
    answer = site.post("/v1/scans?wait=5", json=[a_scan()])
    assert (answer.status_code, answer.headers["Retry-After"], house.log.keys) == (503, "2", [])
    house.verdicts.is_down = False
    assert site.post("/v1/scans?wait=5", json=[a_scan()]).status_code == 200


def test_a_reader_that_fails_begins_again(house: Opened, site: TestClient) -> None:
    site.post("/v1/scans?wait=5", json=[a_scan()])
    house.verdicts.records.put(BrokerUnreachable("gone"))
    until(house.verdicts.records.empty)
    assert site.post("/v1/scans?wait=5", json=[a_scan()]).status_code == 200


def test_the_end_of_the_process_lets_everybody_go_with_what_there_is(house: Opened, site: TestClient) -> None:
    house.verdicts.decide = lambda _: None
    answers: list[Any] = []
    waiting = threading.Thread(target=lambda: answers.append(site.post("/v1/scans?wait=30", json=[a_scan()])))
    begun = time.monotonic()
    waiting.start()
    until(lambda: bool(house.log.keys))
    house.waits.close()
    waiting.join()
    assert time.monotonic() - begun < PATIENCE_SECONDS
    assert (answers[0].status_code, answers[0].json()["pending"]) == (202, [0])


def test_who_waits_for_verdicts_takes_no_room_from_those_who_send(tmp_path: Path) -> None:
    with opened(tmp_path, Room(most_requests=1)) as house:
        house.verdicts.decide = lambda scan: None if scan["step"] == "SHIP" else {}
        client = house.client()
        waiting = threading.Thread(
            target=client.post, args=("/v1/scans?wait=2",), kwargs={"json": [a_scan(step="SHIP")]}
        )
        waiting.start()
        until(lambda: bool(house.log.keys))
        until(lambda: house.client().post("/v1/scans", json=[a_scan()]).status_code == 202)
        assert waiting.is_alive()
        house.waits.close()
        waiting.join()


def test_a_request_that_is_still_at_work_is_409_for_its_repeat(house: Opened, site: TestClient) -> None:
    house.log.mood = "silent"
    answers: list[Any] = []
    headers = {"Idempotency-Key": "k"}
    first = threading.Thread(target=lambda: answers.append(site.post("/v1/scans", json=[a_scan()], headers=headers)))
    first.start()
    assert house.log.was_asked.wait(PATIENCE_SECONDS)
    again = TestClient(house.app, headers=dict(site.headers)).post("/v1/scans", json=[a_scan()], headers=headers)
    assert (again.status_code, again.json()["error"], again.headers["Retry-After"]) == (409, "STILL_RUNNING", "1")
    first.join()
    assert answers[0].status_code == 503
