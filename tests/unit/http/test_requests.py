"""Requests of scans: what is taken, what is refused and how, and that nothing is sent twice."""

import gzip
import json
from collections.abc import Callable
from typing import Any

import cramjam
import pytest
from starlette.testclient import TestClient

from pipeline.capture.http.bodies import MOST_BYTES
from pipeline.metrics import read
from tests.http_house import SITE, Answer, Opened, a_scan

NDJSON = {"Content-Type": "application/x-ndjson"}
JSON = {"Content-Type": "application/json"}


def lines(*scans: object) -> bytes:
    return b"\n".join(json.dumps(scan).encode() for scan in scans)


def test_a_good_scan_is_on_the_log_under_its_unit_key_before_it_is_accepted(house: Opened, site: TestClient) -> None:
    answer = site.post("/v1/scans", json=[a_scan()])

    assert answer.status_code == 202
    receipt = answer.json()
    assert receipt["counts"] == {"scans": 1, "queued": 1, "malformed": 0, "skewed": 0}
    assert house.log.keys == [b"gtin:09506000134352/ABC123"]
    (scan,) = house.log.scans
    assert (scan["site"], scan["step"], scan["event_time"]) == (SITE, "RECEIVE", 1_793_611_200_000)
    assert scan["receipt"] == f"{receipt['id']}/00000"
    assert len(scan["scan_id"]) == 32


def test_bad_scans_are_listed_by_their_places_and_good_ones_around_them_go_on(house: Opened, site: TestClient) -> None:
    answer = site.post("/v1/scans", json=[a_scan(step="SEL"), a_scan(), "no scan", a_scan(event_time=None)])

    assert answer.status_code == 202
    told = answer.json()
    assert told["counts"] == {"scans": 4, "queued": 1, "malformed": 3, "skewed": 0}
    found = [(fault["index"], fault["field"], fault["reason"]) for fault in told["malformed"]]
    assert found == [(0, "step", "UNKNOWN_STEP"), (2, None, "NOT_AN_OBJECT"), (3, "event_time", "MISSING")]
    assert "did you mean SELL?" in told["malformed"][0]["message"]
    assert [scan["receipt"] for scan in house.log.scans] == [f"{told['id']}/00001"]


@pytest.mark.parametrize("body", [[], [a_scan(step="?")], ["x", 1]])
def test_a_request_without_a_good_scan_is_422_and_sends_nothing(
    house: Opened, site: TestClient, body: list[Any]
) -> None:
    answer = site.post("/v1/scans", json=body)
    assert (answer.status_code, answer.json()["counts"]["queued"], house.log.keys) == (422, 0, [])


@pytest.mark.parametrize(
    ("body", "word"),
    [(b"{", "NOT_JSON"), (b"", "NOT_JSON"), (b"{}", "NOT_AN_ARRAY"), (b"null", "NOT_AN_ARRAY"), (b"7", "NOT_AN_ARRAY")],
)
def test_a_body_that_is_no_json_array_is_400(site: TestClient, body: bytes, word: str) -> None:
    answer = site.post("/v1/scans", content=body, headers=JSON)
    assert (answer.status_code, answer.json()["error"]) == (400, word)
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_lines_that_are_no_json_are_items_and_empty_lines_do_not_count(house: Opened, site: TestClient) -> None:
    body = b"\n" + lines(a_scan()) + b"\r\n \n{]\n" + lines(a_scan(code="(01)09506000134352(21)B"))
    answer = site.post("/v1/scans", content=body, headers=NDJSON)

    assert answer.status_code == 202
    assert [(one["index"], one["reason"]) for one in answer.json()["malformed"]] == [(1, "NOT_JSON")]
    assert len(house.log.keys) == 2


def test_two_broken_lines_do_not_mend_each_other(house: Opened, site: TestClient) -> None:
    answer = site.post("/v1/scans", content=b'[{"code": [1\n2]}, {}]', headers=NDJSON)
    assert (answer.status_code, answer.json()["counts"]["malformed"], house.log.keys) == (422, 2, [])


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_a_compressed_body_is_the_same_request(house: Opened, site: TestClient, coding: str) -> None:
    plain = lines(a_scan())
    packed = gzip.compress(plain) if coding == "gzip" else bytes(cramjam.zstd.compress(plain))
    headers = NDJSON | {"Idempotency-Key": "one"}
    first = site.post("/v1/scans", content=packed, headers=headers | {"Content-Encoding": coding})
    again = site.post("/v1/scans", content=plain, headers=headers)
    assert first.status_code == again.status_code == 202
    assert first.json() == again.json()
    assert len(house.log.keys) == 1


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
@pytest.mark.parametrize(
    "damage", [lambda packed: packed[:-5], lambda packed: b"no" + packed, lambda packed: packed + b"x"]
)
def test_a_body_that_does_not_decompress_is_400(
    site: TestClient, coding: str, damage: Callable[[bytes], bytes]
) -> None:
    plain = lines(a_scan())
    packed = gzip.compress(plain) if coding == "gzip" else bytes(cramjam.zstd.compress(plain))
    answer = site.post("/v1/scans", content=damage(packed), headers=NDJSON | {"Content-Encoding": coding})
    assert (answer.status_code, answer.json()["error"]) == (400, "NOT_DECOMPRESSED")


_GZIP, _ZSTD = gzip.compress(lines(a_scan()) + b"\n"), bytes(cramjam.zstd.compress(lines(a_scan()) + b"\n"))
_SKIPPED = b"\x5a\x2a\x4d\x18\x04\x00\x00\x00what"


@pytest.mark.parametrize(
    ("packed", "coding", "scans"),
    [
        (_GZIP + b"\0" * 512, "gzip", 1),
        (_GZIP + b"\0" * 7 + _GZIP, "gzip", 2),
        (_GZIP * 64, "gzip", 64),
        (_SKIPPED + _ZSTD, "zstd", 1),
        (_SKIPPED * 2 + _ZSTD + _SKIPPED + _ZSTD, "zstd", 2),
    ],
)
def test_padding_members_and_frames_to_be_skipped_are_legal(
    house: Opened, site: TestClient, packed: bytes, coding: str, scans: int
) -> None:
    answer = site.post("/v1/scans", content=packed, headers=NDJSON | {"Content-Encoding": coding})
    assert (answer.status_code, answer.json()["counts"]["queued"]) == (202, scans)


@pytest.mark.parametrize(
    ("packed", "coding"),
    [(_GZIP * 65, "gzip"), (b"\0" * 9 + _GZIP, "gzip"), (_SKIPPED[:-1], "zstd"), (_SKIPPED + b"no", "zstd")],
)
def test_what_is_not_of_the_coding_all_the_way_is_400(site: TestClient, packed: bytes, coding: str) -> None:
    answer = site.post("/v1/scans", content=packed, headers=NDJSON | {"Content-Encoding": coding})
    assert (answer.status_code, answer.json()["error"]) == (400, "NOT_DECOMPRESSED")


@pytest.mark.parametrize("coding", ["gzip", "zstd", ""])
def test_a_body_is_measured_after_decompression(site: TestClient, coding: str) -> None:
    plain = b" " * (MOST_BYTES + 1)
    packed = {"gzip": gzip.compress(plain), "zstd": bytes(cramjam.zstd.compress(plain)), "": plain}[coding]
    headers = NDJSON | ({"Content-Encoding": coding} if coding else {})
    answer = site.post("/v1/scans", content=packed, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (413, "TOO_LARGE")


def test_a_body_of_exactly_the_limit_is_taken(house: Opened, site: TestClient) -> None:
    scan = lines(a_scan())
    plain = scan + b" " * (MOST_BYTES - len(scan))
    for coding, packed in {
        "gzip": gzip.compress(plain),
        "zstd": bytes(cramjam.zstd.compress(plain)),
        "": plain,
    }.items():
        headers = NDJSON | ({"Content-Encoding": coding} if coding else {})
        assert site.post("/v1/scans", content=packed, headers=headers).status_code == 202
    assert len(house.log.keys) == 3


@pytest.mark.parametrize("headers", [JSON, NDJSON])
def test_ten_thousand_scans_are_taken_and_one_more_is_413(
    house: Opened, site: TestClient, headers: dict[str, str]
) -> None:
    scans = [a_scan(code=f"(01)09506000134352(21){n}") for n in range(10_001)]

    def send(count: int) -> Answer:
        body = lines(*scans[:count]) if headers is NDJSON else json.dumps(scans[:count]).encode()
        return site.post("/v1/scans", content=body, headers=headers)

    assert (send(10_001).json()["error"], len(house.log.keys)) == ("TOO_MANY", 0)
    assert (send(10_000).status_code, len(house.log.keys)) == (202, 10_000)


@pytest.mark.parametrize(
    ("headers", "word"),
    [
        ({"Content-Type": "text/csv"}, "TYPE_UNKNOWN"),
        ({}, "TYPE_UNKNOWN"),
        ({"Content-Type": "application/json; charset=latin-1"}, "TYPE_UNKNOWN"),
        (JSON | {"Content-Encoding": "br"}, "CODING_UNKNOWN"),
        (JSON | {"Content-Encoding": "gzip, gzip"}, "CODING_UNKNOWN"),
    ],
)
def test_another_type_or_coding_is_415_and_told_what_would_do(
    site: TestClient, headers: dict[str, str], word: str
) -> None:
    answer = site.post("/v1/scans", content=b"[]", headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (415, word)
    assert "gzip" in answer.json()["detail"] or "application/x-ndjson" in answer.json()["detail"]


def test_without_a_key_or_with_an_unknown_or_revoked_one_it_is_401(house: Opened) -> None:
    text = house.key()
    nobody = TestClient(house.app)
    assert nobody.post("/v1/scans", json=[a_scan()]).json()["error"] == "NO_KEY"
    for wrong in (text[:-1], text + "x", "sl_", "sl__", "bearer", text.replace("sl_", "xx_")):
        answer = nobody.post("/v1/scans", json=[a_scan()], headers={"Authorization": f"Bearer {wrong}"})
        assert (answer.status_code, answer.json()["error"]) == (401, "KEY_UNKNOWN")
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert nobody.post("/v1/scans", json=[a_scan()], headers={"X-API-Key": text}).status_code == 202
    house.keys.revoke(text.split("_")[1])
    assert nobody.post("/v1/scans", json=[a_scan()], headers={"X-API-Key": text}).status_code == 401
    assert len(house.log.keys) == 1


def test_an_analyst_may_not_send_scans(house: Opened) -> None:
    answer = house.client("analyst").post("/v1/scans", json=[a_scan()])
    assert (answer.status_code, answer.json()["error"], house.log.keys) == (403, "NOT_ALLOWED", [])


def test_a_site_sends_scans_of_its_own_sites_only(house: Opened) -> None:
    one, two, every = house.client(), house.client("site", "a", "b"), house.client("admin")

    def came_to(client: TestClient, site: str | None) -> str:
        answer = client.post("/v1/scans", json=[a_scan(site=site)]).json()
        return str(answer["malformed"][0]["reason"]) if answer["malformed"] else str(house.log.scans[-1]["site"])

    assert [came_to(one, site) for site in (None, SITE, " ", "other")] == [SITE, SITE, SITE, "OTHER_SITE"]
    assert [came_to(two, site) for site in (None, "a", "b", "c")] == ["MISSING", "a", "b", "OTHER_SITE"]
    assert [came_to(every, site) for site in (None, "any")] == ["MISSING", "any"]


def test_an_idempotency_key_returns_the_first_receipt_and_sends_once(house: Opened, site: TestClient) -> None:
    headers = {"Idempotency-Key": "k"}
    first = site.post("/v1/scans", json=[a_scan(), a_scan(step="?")], headers=headers)
    again = site.post("/v1/scans", json=[a_scan(), a_scan(step="?")], headers=headers)
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert len(house.log.keys) == 1


def test_a_first_refusal_of_all_is_returned_again_too(site: TestClient) -> None:
    headers = {"Idempotency-Key": "k"}
    first, again = (site.post("/v1/scans", json=[a_scan(step="?")], headers=headers) for _ in range(2))
    assert (first.status_code, first.json()) == (again.status_code, again.json()) == (422, first.json())


def test_the_same_idempotency_key_with_another_body_is_422(house: Opened, site: TestClient) -> None:
    headers = {"Idempotency-Key": "k"}
    site.post("/v1/scans", json=[a_scan()], headers=headers)
    answer = site.post("/v1/scans", json=[a_scan(reader="r")], headers=headers)
    assert (answer.status_code, answer.json()["error"], len(house.log.keys)) == (422, "OTHER_BODY", 1)


def test_an_idempotency_key_belongs_to_its_api_key(house: Opened) -> None:
    for _ in range(2):
        answer = house.client().post("/v1/scans", json=[a_scan()], headers={"Idempotency-Key": "k"})
        assert answer.status_code == 202
    assert len(house.log.keys) == 2


@pytest.mark.parametrize("word", ["", "x" * 201, "tab\there"])
def test_an_idempotency_key_that_is_no_word_is_400(site: TestClient, word: str) -> None:
    answer = site.post("/v1/scans", json=[a_scan()], headers={"Idempotency-Key": word})
    assert (answer.status_code, answer.json()["error"]) == (400, "BAD_PARAMETER")


@pytest.mark.parametrize("mood", ["silent", "refusing"])
def test_a_kafka_that_does_not_take_scans_is_503_and_the_repeat_completes_it(
    house: Opened, site: TestClient, mood: str
) -> None:
    headers = {"Idempotency-Key": "k"}
    house.log.mood = mood
    answer = site.post("/v1/scans", json=[a_scan()], headers=headers)
    assert (answer.status_code, answer.json()["error"], answer.headers["Retry-After"]) == (503, "KAFKA_DOWN", "2")
    assert not house.house.health().ok
    assert site.get("/health").status_code == 503

    house.log.mood = "up"
    again = site.post("/v1/scans", json=[a_scan()], headers=headers)
    assert (again.status_code, again.json()["id"]) == (202, answer.json()["receipt"])
    assert site.get("/health").json() == {"ok": True, "reasons": []}


def test_too_much_at_once_is_429_and_may_come_again(house: Opened, site: TestClient) -> None:
    house.log.mood = "full"
    answer = site.post("/v1/scans", json=[a_scan()], headers={"Idempotency-Key": "k"})
    assert (answer.status_code, answer.json()["error"], answer.headers["Retry-After"]) == (429, "TOO_MUCH_AT_ONCE", "1")
    house.log.mood = "up"
    assert site.post("/v1/scans", json=[a_scan()], headers={"Idempotency-Key": "k"}).status_code == 202


def test_a_full_room_is_429_and_is_left_again(house: Opened, site: TestClient) -> None:
    with house.room.enter() as held:
        held.take(64 * 1024 * 1024 - 10)
        answer = site.post("/v1/scans", json=[a_scan()])
    assert (answer.status_code, answer.json()["error"]) == (429, "TOO_MUCH_AT_ONCE")
    assert site.post("/v1/scans", json=[a_scan()]).status_code == 202


def test_a_clock_that_is_off_is_counted_and_told_and_no_time_is_changed(house: Opened, site: TestClient) -> None:
    before = read("scanledger_capture_skewed_scans_total")
    answer = site.post(
        "/v1/scans?sent_at=2026-01-01T00:00:00Z", json=[a_scan(), a_scan(code="sscc:106141412345678908")]
    )
    assert answer.json()["counts"]["skewed"] == 2
    assert abs(answer.json()["skew_seconds"]) > 60
    assert read("scanledger_capture_skewed_scans_total") == before + 2
    assert {scan["event_time"] for scan in house.log.scans} == {1_793_611_200_000}


@pytest.mark.parametrize("sent_at", ["yesterday", "2026-01-01T00:00:00", "1762075200", "9" * 30, ""])
def test_a_sent_at_that_is_no_moment_is_400(house: Opened, site: TestClient, sent_at: str) -> None:
    answer = site.post("/v1/scans", params={"sent_at": sent_at}, json=[a_scan()])
    assert (answer.status_code, answer.json()["error"], house.log.keys) == (400, "BAD_PARAMETER", [])


def test_a_fault_of_ours_is_503_and_never_500_and_nothing_of_it_is_shown(house: Opened, site: TestClient) -> None:
    house.log.mood = "crash"
    answer = site.post("/v1/scans", json=[a_scan()], headers={"Idempotency-Key": "k"})
    assert (answer.status_code, answer.json()["error"]) == (503, "FAULT")
    assert "ours" not in answer.text
    house.log.mood = "up"
    assert site.post("/v1/scans", json=[a_scan()], headers={"Idempotency-Key": "k"}).status_code == 202


def test_what_is_not_there_is_404_and_another_method_405(site: TestClient) -> None:
    assert site.get("/v2/scans").json()["error"] == "NOT_FOUND"
    answer = site.put("/v1/scans")
    assert (answer.status_code, answer.json()["error"], answer.headers["Allow"]) == (405, "METHOD_UNKNOWN", "POST")


def test_answers_are_counted_by_route_and_status(site: TestClient) -> None:
    before = read("scanledger_capture_requests_total", route="/v1/scans", status=202)
    site.post("/v1/scans", json=[a_scan()])
    assert read("scanledger_capture_requests_total", route="/v1/scans", status=202) == before + 1


def test_scans_are_counted_once_however_often_their_request_comes(site: TestClient) -> None:
    before = read("scanledger_capture_scans_total", result="queued")
    for _ in range(3):
        site.post("/v1/scans", json=[a_scan()], headers={"Idempotency-Key": "k"})
    assert read("scanledger_capture_scans_total", result="queued") == before + 1
