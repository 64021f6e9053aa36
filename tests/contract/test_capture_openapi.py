"""What OpenAPI says of the HTTP way in is what it does: examples are taken, every answer has its documented shape."""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from starlette.testclient import TestClient

from pipeline.capture.http.questions import Warranty
from tests.http_house import Answer, Opened, a_scan, opened
from tests.unit.http.test_pages import KEY, WHEN, seen
from tests.unit.http.test_waits import row

Fields = dict[str, Any]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    with opened(tmp_path_factory.mktemp("home")) as house:
        yield house


@pytest.fixture(scope="module")
def api(house: Opened) -> Fields:
    return dict(TestClient(house.app).get("/openapi.json").json())


@pytest.fixture
def admin(house: Opened) -> TestClient:
    return house.client("admin")


def matches(api: Fields, method: str, path: str, answer: Answer) -> Fields:
    """Compare an answer with what is documented for its status and type; return its content."""
    documented = api["paths"][path][method]["responses"][str(answer.status_code)]["content"]
    schema = documented[answer.headers["Content-Type"]]["schema"]
    content: Fields = answer.json()
    jsonschema.validate(content, schema, format_checker=jsonschema.FormatChecker())
    return content


def test_the_document_is_sound(api: Fields) -> None:
    assert api["openapi"].startswith("3.1")
    assert set(api["paths"]) == {"/v1/scans", "/v1/receipts/{receipt}", "/v1/units/{code}", "/health"}
    for schema in _schemas(api):
        jsonschema.Draft202012Validator.check_schema(schema)


def _schemas(part: object) -> Iterator[Fields]:
    if isinstance(part, dict):
        yield from ([part["schema"]] if isinstance(part.get("schema"), dict) else [])
        for inner in part.values():
            yield from _schemas(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _schemas(inner)


def test_every_route_but_health_asks_for_a_key_and_says_what_may_be_answered(api: Fields) -> None:
    assert set(api["components"]["securitySchemes"]) == {"HTTPBearer", "APIKeyHeader"}
    for path, methods in api["paths"].items():
        for operation in methods.values():
            assert ("security" in operation) == (path != "/health")
            assert operation["summary"]
    answers = {path: {*next(iter(methods.values()))["responses"]} for path, methods in api["paths"].items()}
    assert answers["/v1/scans"] >= {"200", "202", "400", "401", "403", "409", "413", "415", "422", "429", "503"}


def test_the_examples_of_a_request_are_taken_as_they_are(api: Fields, house: Opened) -> None:
    body = api["paths"]["/v1/scans"]["post"]["requestBody"]["content"]["application/json"]
    jsonschema.validate(body["example"], body["schema"])
    answer = house.client().post("/v1/scans", json=body["example"])
    assert answer.json()["malformed"] == []
    ndjson = b"\n".join(json.dumps(scan).encode() for scan in body["example"])
    again = house.client().post("/v1/scans", content=ndjson, headers={"Content-Type": "application/x-ndjson"})
    assert again.status_code == 202


def test_every_example_of_an_answer_has_its_shape(api: Fields) -> None:
    compared = 0
    for path, methods in api["paths"].items():
        for operation in methods.values():
            for answer in operation["responses"].values():
                for content in answer.get("content", {}).values():
                    if "example" in content:
                        jsonschema.validate(
                            content["example"], content["schema"], format_checker=jsonschema.FormatChecker()
                        )
                        compared += 1
                    assert content["schema"] or path == "/health"
    assert compared > 15


@pytest.mark.parametrize(
    ("scans", "status"), [([a_scan(site="s")], 202), ([a_scan(site="s"), {"step": 1}], 202), ([{}], 422), ({}, 400)]
)
def test_answers_to_scans_have_their_shape(api: Fields, admin: TestClient, scans: object, status: int) -> None:
    answer = admin.post("/v1/scans?sent_at=2026-01-01T00:00:00Z", json=scans)
    assert answer.status_code == status
    matches(api, "post", "/v1/scans", answer)


@pytest.mark.parametrize("reason", ["NONE", "REDELIVERED"])
def test_answers_with_verdicts_have_their_shape(api: Fields, house: Opened, admin: TestClient, reason: str) -> None:
    house.verdicts.decide = lambda _: {"outcome": "ACCEPTED" if reason == "NONE" else "REPEATED", "reason": reason}
    house.questions.held = row(0)
    told = matches(api, "post", "/v1/scans", admin.post("/v1/scans?wait=5", json=[a_scan(site="s")]))
    assert ("held" in told["verdicts"][0]) == (reason != "NONE")
    house.verdicts.decide = lambda _: None
    assert matches(api, "post", "/v1/scans", admin.post("/v1/scans?wait=0.1", json=[a_scan(site="s")]))["pending"] == [
        0
    ]


def test_a_repeat_that_waits_has_its_shape(api: Fields, house: Opened, admin: TestClient) -> None:
    headers = {"Idempotency-Key": "shape"}
    admin.post("/v1/scans", json=[a_scan(site="s")], headers=headers)
    house.questions.rows = [row(0)]
    answer = admin.post("/v1/scans?wait=5", json=[a_scan(site="s")], headers=headers)
    assert answer.status_code == 200
    matches(api, "post", "/v1/scans", answer)


def test_refusals_have_their_shape(api: Fields, house: Opened, admin: TestClient) -> None:
    house.log.mood = "refusing"
    headers = {"Content-Type": "text/plain"}
    answers = [
        TestClient(house.app).post("/v1/scans"), house.client("analyst").post("/v1/scans"),
        admin.post("/v1/scans", headers=headers), admin.post("/v1/scans?wait=x"),
        admin.post("/v1/scans", json=[a_scan(site="s")]), admin.post("/v1/scans", json=[{}] * 10_001),
    ]  # fmt: skip
    house.log.mood = "up"
    assert [answer.status_code for answer in answers] == [401, 403, 415, 400, 503, 413]
    for answer in answers:
        told = matches(api, "post", "/v1/scans", answer)
        assert (told["status"], answer.headers["Content-Type"]) == (answer.status_code, "application/problem+json")


def test_a_page_of_a_receipt_has_its_shape(api: Fields, house: Opened, admin: TestClient) -> None:
    receipt = admin.post("/v1/scans", json=[a_scan(site="s"), {}]).json()["id"]
    house.questions.rows = [row(0)]
    house.questions.dead = [{"place": 0, "error": "E", "detail": "d", "topic": "t", "partition": 0, "offset": 1}]
    matches(api, "get", "/v1/receipts/{receipt}", admin.get(f"/v1/receipts/{receipt}"))
    matches(api, "get", "/v1/receipts/{receipt}", admin.get("/v1/receipts/none"))


def test_a_page_of_a_unit_has_its_shape(api: Fields, house: Opened, admin: TestClient) -> None:
    house.questions.seen = [seen(1)]
    for known in (None, {"state": "SOLD", "lifecycle": "retail", "sold_at": WHEN, "expiry": WHEN.date(), "applied": 1}):
        house.questions.known = known
        house.questions.guaranteed = Warranty(30, WHEN, None)
        matches(api, "get", "/v1/units/{code}", admin.get(f"/v1/units/{KEY}"))
    house.questions.known, house.questions.seen = None, []
    matches(api, "get", "/v1/units/{code}", admin.get(f"/v1/units/{KEY}"))
    matches(api, "get", "/v1/units/{code}", admin.get("/v1/units/garbage"))
