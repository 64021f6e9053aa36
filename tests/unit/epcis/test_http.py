"""The REST interface of EPCIS 2.0: what is captured, what is refused and with which word, and what jobs tell."""

import asyncio
import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Message

from pipeline.capture.epcis.queries import Token, read_question
from pipeline.capture.epcis.reading import MOST_BYTES, MOST_EVENTS
from pipeline.capture.http import bodies
from pipeline.domain.finding import read_finding
from tests.http_house import Answer
from tests.unit.epcis.as_xml import document_xml
from tests.unit.epcis.at_desk import OSLO, DeskHouse, a_desk
from tests.unit.epcis.events import DOCK, FIRST, FIRST_KEY, Object, a_bare, a_document, an_event

CAPTURE, EVENTS = "/v1/epcis/capture", "/v1/epcis/events"
JSON = {"Content-Type": "application/ld+json"}
HERE: Object = {"epcList": [FIRST], "bizStep": "receiving", "readPoint": {"id": DOCK}}
ALARMED: Object = {
    "sensorElementList": [
        {"sensorReport": [{"type": "Temperature", "value": 26.5, "uom": "CEL", "exception": "ALARM_CONDITION"}]}
    ]
}
PROCEED = {"GS1-Capture-Error-Behaviour": "proceed"}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[DeskHouse]:
    with a_desk(tmp_path) as desk:
        yield desk


@pytest.fixture
def site(desk: DeskHouse) -> TestClient:
    return desk.client()


def post(client: TestClient, content: Object, to: str = CAPTURE, **headers: str) -> Answer:
    return client.post(to, content=orjson.dumps(content), headers={**JSON, **headers})


def job_of(client: TestClient, answer: Answer) -> Any:  # noqa: ANN401  JSON
    return client.get(answer.headers["Location"]).json()


def test_a_document_is_captured_whole_and_its_job_tells_what_came_of_it(desk: DeskHouse, site: TestClient) -> None:
    answer = post(site, a_document(an_event(eventID="urn:x:1", **HERE)))
    assert answer.status_code == 202
    job = job_of(site, answer)
    assert {name: job[name] for name in ("running", "success", "captureErrorBehaviour", "errors", "counts")} == {
        "running": False, "success": True, "captureErrorBehaviour": "rollback", "errors": [],
        "counts": {"events": 1, "scans": 1, "no_unit": 0},
    }  # fmt: skip
    (event,), (scan,) = desk.events.scans, desk.scans.scans
    assert (event["identity"], event["receipt"]) == ("urn:x:1", job["captureID"])
    assert (scan["step"], scan["site"], scan["event"]) == ("RECEIVE", OSLO, "urn:x:1")
    assert desk.scans.keys == [FIRST_KEY.encode()]
    assert desk.events.keys == [b"urn:x:1"]


def test_xml_and_compressed_bodies_are_captured_as_json_is(desk: DeskHouse, site: TestClient) -> None:
    event = an_event(eventID="urn:x:1", **HERE)
    kind = {"Content-Type": "application/xml; charset=utf-8"}
    xml = site.post(CAPTURE, content=document_xml(event), headers=kind)
    packed = gzip.compress(orjson.dumps(a_document(event)))
    json = site.post(CAPTURE, content=packed, headers={**JSON, "Content-Encoding": "gzip"})
    assert (xml.status_code, json.status_code) == (202, 202)
    assert len({scan["scan_id"] for scan in desk.scans.scans}) == 1
    assert len(desk.scans.scans) == 2


def test_one_wrong_event_refuses_its_document_and_with_proceed_only_itself(desk: DeskHouse, site: TestClient) -> None:
    document = a_document(an_event(eventID="urn:x:1", **HERE), an_event(**(HERE | {"epcList": ["nonsense"]})))
    rolled = job_of(site, post(site, document))
    assert (rolled["success"], rolled["counts"]["events"], desk.events.keys) == (False, 0, [])
    (error,) = rolled["errors"]
    assert error["path"] == "$.epcisBody.eventList[1].epcList[0]"
    gone_on = job_of(site, post(site, document, **PROCEED))
    assert (gone_on["success"], gone_on["counts"]["events"], desk.events.keys) == (False, 1, [b"urn:x:1"])
    assert gone_on["captureErrorBehaviour"] == "proceed"


def test_a_document_that_is_none_is_refused_with_every_fault_and_makes_no_job(site: TestClient) -> None:
    answer = post(site, {"@context": [], "type": "EPCISDocument"})
    assert answer.status_code == 400
    assert answer.json()["error"] == "INVALID"
    assert {error["path"] for error in answer.json()["errors"]} >= {"$.epcisBody", "$.schemaVersion"}
    assert "Location" not in answer.headers


def test_a_single_event_is_captured_under_its_identity_and_no_document_is(desk: DeskHouse, site: TestClient) -> None:
    answer = post(site, a_bare(an_event(eventID="urn:x:1/2", **HERE)), EVENTS)
    assert (answer.status_code, answer.headers["Location"]) == (201, f"{EVENTS}/urn%3Ax%3A1%2F2")
    assert desk.events.keys == [b"urn:x:1/2"]
    refused = post(site, a_document(an_event(**HERE)), EVENTS)
    assert (refused.status_code, "capture" in refused.json()["detail"]) == (400, True)
    wrong = post(site, a_bare(an_event(action="PUT")), EVENTS)
    assert wrong.json()["errors"][0]["path"] == "$.action"
    assert len(desk.events.keys) == 1


def test_a_key_captures_for_its_own_sites_and_others_events_are_faults(desk: DeskHouse) -> None:
    document = a_document(an_event(**HERE))
    stranger, maker = desk.client("site", "factory"), desk.client("admin")
    (error,) = job_of(stranger, post(stranger, document))["errors"]
    assert error["detail"].startswith(f"OTHER_SITE: {OSLO}")
    assert (error["path"], desk.events.keys) == ("$.epcisBody.eventList[0]", [])
    assert job_of(maker, post(maker, document))["success"]


def test_a_job_is_seen_by_its_own_key_and_by_those_that_see_all(desk: DeskHouse, site: TestClient) -> None:
    where = post(site, a_document(an_event(**HERE))).headers["Location"]
    assert site.get(where).status_code == 200
    assert desk.client().get(where).status_code == 404
    assert desk.client("admin").get(where).status_code == 200
    assert site.get(f"{CAPTURE}/nonsense").status_code == 404
    assert site.get(where).headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("headers", "status", "word"),
    [
        ({"Content-Type": "text/plain"}, 415, "TYPE_UNKNOWN"),
        ({**JSON, "GS1-EPCIS-Version": "3.0"}, 406, "VERSION_UNKNOWN"),
        ({**JSON, "GS1-Capture-Error-Behaviour": "perhaps"}, 400, "BAD_PARAMETER"),
        ({**JSON, "Content-Encoding": "gzip"}, 400, None),
        ({**JSON, "Content-Encoding": "br"}, 415, None),
    ],
)
def test_what_is_not_understood_is_refused_by_its_word(
    site: TestClient, headers: dict[str, str], status: int, word: str | None
) -> None:
    answer = site.post(CAPTURE, content=orjson.dumps(a_document(an_event(**HERE))), headers=headers)
    assert answer.status_code == status
    assert word in (None, answer.json()["error"])


def test_who_has_no_key_or_the_wrong_role_is_refused(desk: DeskHouse) -> None:
    assert TestClient(desk.app).post(CAPTURE, content=b"{}", headers=JSON).status_code == 401
    assert post(desk.client("analyst"), a_document()).status_code == 403
    assert desk.client("site").get(EVENTS).status_code == 403
    assert desk.client("analyst").get(EVENTS).status_code == 200


def test_what_is_larger_than_the_limits_is_refused_before_it_is_worked_on(site: TestClient) -> None:
    too_many = post(site, a_document(*[an_event(**HERE)] * (MOST_EVENTS + 1)))
    assert (too_many.status_code, too_many.json()["error"]) == (413, "TOO_LARGE")
    bomb = gzip.compress(b" " * (MOST_BYTES + 1))
    assert site.post(CAPTURE, content=bomb, headers={**JSON, "Content-Encoding": "gzip"}).status_code == 413


@pytest.mark.parametrize(
    ("broken", "mood", "word"),
    [
        ("scans", "away", "KAFKA_DOWN"),
        ("scans", "refusing", "KAFKA_DOWN"),
        ("scans", "full", "TOO_MUCH_AT_ONCE"),
        ("events", "refusing", "KAFKA_DOWN"),
        ("events", "full", "TOO_MUCH_AT_ONCE"),
        ("findings", "refusing", "KAFKA_DOWN"),
        ("findings", "full", "TOO_MUCH_AT_ONCE"),
    ],
)
def test_what_kafka_does_not_take_is_refused_to_come_again_and_then_completed(
    desk: DeskHouse, site: TestClient, broken: str, mood: str, word: str
) -> None:
    document = a_document(an_event(eventID="urn:x:1", **HERE, **ALARMED))
    log = getattr(desk, broken)
    log.mood = mood
    answer = post(site, document)
    assert (answer.status_code, answer.json()["error"]) == (503, word)
    assert int(answer.headers["Retry-After"]) > 0
    log.mood = "up"
    assert job_of(site, post(site, document))["success"]
    assert len({scan["scan_id"] for scan in desk.scans.scans}) == 1
    assert len({finding["id"] for finding in desk.findings.scans}) == 1


def test_an_alarm_is_sent_as_a_finding_under_its_subject_and_its_declaration_takes_it_back(
    desk: DeskHouse, site: TestClient
) -> None:
    wrong: Object = {"errorDeclaration": {"declarationTime": "2026-11-03T00:00:00Z", "reason": "did_not_occur"}}
    post(site, a_document(an_event(eventID="urn:x:1", **HERE, **ALARMED)))
    post(site, a_document(an_event(eventID="urn:x:1", **HERE, **ALARMED, **wrong)))
    assert desk.findings.keys == [f"unit:{FIRST_KEY}".encode()] * 2
    said, taken_back = desk.findings.scans
    assert (said["kind"], said["subject"], said["author"]) == ("FINDING", f"unit:{FIRST_KEY}", "epcis")
    assert [read_finding(one["id"], one["subject"], one["content"]).holds for one in (said, taken_back)] == [
        True,
        False,
    ]


def test_an_alarm_at_another_site_than_the_key_s_is_refused(desk: DeskHouse) -> None:
    yard = desk.client("site", "yard")
    document = a_document({name: value for name, value in an_event(**HERE, **ALARMED).items() if name != "epcList"})
    assert (job_of(yard, post(yard, document))["success"], desk.findings.keys) == (False, [])


def test_without_the_sites_codes_nothing_is_captured_under_a_guessed_site(desk: DeskHouse, site: TestClient) -> None:
    desk.warehouse.is_down = True
    answer = post(site, a_document(an_event(**HERE)))
    assert (answer.status_code, answer.json()["error"]) == (503, "CLICKHOUSE_DOWN")
    assert desk.client("analyst").get(EVENTS).status_code == 503
    assert desk.events.keys == []


def test_no_room_is_said_so(desk: DeskHouse, site: TestClient) -> None:
    held = [desk.room.enter() for _ in range(256)]
    answer = post(site, a_document(an_event(**HERE)))
    assert (answer.status_code, "Retry-After" in answer.headers) == (429, True)
    assert len(held) == 256


def test_units_that_a_declaration_does_not_name_are_told(desk: DeskHouse, site: TestClient) -> None:
    wrong: Object = {"errorDeclaration": {"declarationTime": "2026-11-03T00:00:00Z", "reason": "did_not_occur"}}
    answer = post(site, a_document(an_event(eventID="urn:x:1", **HERE, **wrong)))
    link = "https://id.gs1.org/01/10614141073464/21/2018"
    unknown = [{"identity": "urn:x:1", "epcs": None}]
    assert job_of(site, answer)["notDeclared"] == unknown  # its event is not there yet
    desk.warehouse.answers = [[("urn:x:1", [link, "urn:x:other"])]]
    assert job_of(site, answer)["notDeclared"] == [{"identity": "urn:x:1", "epcs": ["urn:x:other"]}]
    desk.warehouse.answers = [[("urn:x:1", [link])]]
    assert job_of(site, answer)["notDeclared"] == []
    desk.warehouse.is_down = True
    assert job_of(site, answer)["notDeclared"] == unknown
    assert [scan["step"] for scan in desk.scans.scans] == ["RECEIVE", "VOID"]


def test_identifiers_that_cannot_be_read_are_told_and_their_event_is_captured(
    desk: DeskHouse, site: TestClient
) -> None:
    wrong = "https://id.gs1.org/01/09506000134353/21/A"
    event = an_event(eventID="urn:x:1", **HERE | {"epcList": [FIRST, wrong]})
    told = {
        "path": "$.epcisBody.eventList[0].epcList[1]", "epc": wrong, "why": "(01) check digit 3 should be 2",
        "nearest": "https://id.gs1.org/01/09506000134352/21/A",
    }  # fmt: skip
    job = job_of(site, post(site, a_document(event)))
    assert (job["success"], job["notRead"], job["counts"]["scans"]) == (True, [told], 1)
    alone = post(site, a_bare(event), EVENTS)
    assert (alone.status_code, alone.json()) == (201, {"notRead": [told | {"path": "$.epcList[1]"}]})
    assert desk.events.keys == [b"urn:x:1"] * 2


def tells(answer: Answer) -> bool:
    """Return whether an answer tells versions and limits."""
    versions = {"GS1-EPCIS-Version": "2.0", "GS1-CBV-Version": "2.0"}
    limits = {
        "GS1-EPCIS-Capture-Limit": str(MOST_EVENTS), "GS1-EPCIS-Capture-File-Size-Limit": str(MOST_BYTES),
        "GS1-Capture-Error-Behaviour": "rollback",
    }  # fmt: skip
    return all(answer.headers.get(name) == value for name, value in (versions | limits).items())


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        (CAPTURE, "OPTIONS, POST"), (f"{CAPTURE}/7", "GET, OPTIONS"), (EVENTS, "GET, OPTIONS, POST"),
        (f"{EVENTS}/urn%3Ax%2F1", "GET, OPTIONS"),
    ],
)  # fmt: skip
def test_options_tell_what_each_address_takes(desk: DeskHouse, path: str, allowed: str) -> None:
    answer = desk.client().options(path)
    assert (answer.status_code, answer.headers["Allow"], tells(answer)) == (204, allowed, True)
    assert (answer.headers["GS1-EPCIS-Min"], answer.headers["GS1-EPCIS-Max"]) == ("1.2", "2.0")


def test_every_answer_tells_versions_and_limits(desk: DeskHouse) -> None:
    client, document = desk.client("admin"), a_document(an_event(**HERE))
    taken = post(client, document)
    packed = {"Content-Encoding": "gzip"}
    answers = {
        200: client.get(EVENTS), 202: taken, 400: post(client, {"type": "EPCISDocument"}),
        404: client.get(f"{CAPTURE}/none"),
        401: TestClient(desk.app).post(CAPTURE), 403: post(desk.client("analyst"), document),
        406: client.get(EVENTS, headers={"Accept": "text/csv"}),
        413: client.post(CAPTURE, content=gzip.compress(b" " * (MOST_BYTES + 1)), headers=JSON | packed),
        415: client.post(CAPTURE, content=b"{}", headers={"Content-Type": "text/plain"}),
    }  # fmt: skip
    assert [answer.status_code for answer in answers.values()] == list(answers)
    others = [
        client.get(taken.headers["Location"]), post(client, document, **packed),
        post(client, document, **{"Content-Encoding": "br"}),
    ]  # fmt: skip
    held = [desk.room.enter() for _ in range(256)]
    others.append(post(client, document))
    assert [answer.status_code for answer in others] == [200, 400, 415, 429]
    desk.warehouse.is_down = True
    others.append(client.get(EVENTS))
    assert (others[-1].status_code, len(held)) == (503, 256)
    assert all(tells(answer) for answer in [*answers.values(), *others])


def test_a_body_that_does_not_arrive_is_told_so_with_versions_and_limits(
    desk: DeskHouse, site: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "_READ_SECONDS", 0.01)
    begun = asyncio.run(begun_only(desk.app, {**JSON, "Authorization": site.headers["Authorization"]}))
    told = {name.decode().lower(): value.decode() for name, value in begun["headers"]}
    assert (begun["status"], told["gs1-epcis-version"]) == (408, "2.0")
    assert told["gs1-epcis-capture-limit"] == str(MOST_EVENTS)


async def begun_only(app: ASGIApp, headers: dict[str, str]) -> Message:
    """Send a capture's head and nothing of its body; return the head of the answer."""
    sent: list[Message] = []

    async def receive() -> Message:
        never: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        return await never

    async def send(message: Message) -> None:
        sent.append(message)

    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "POST", "path": CAPTURE, "query_string": b"", "headers": raw}
    await app(scope, receive, send)
    return sent[0]


def test_events_are_asked_for_with_known_parameters_and_given_as_json_only(desk: DeskHouse) -> None:
    analyst = desk.client("analyst")
    answer = analyst.get(EVENTS, params={"EQ_bizStep": "shipping"})
    assert answer.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"] == []
    assert "Link" not in answer.headers
    refused = analyst.get(EVENTS, params={"EQ_colour": "red"})
    assert (refused.status_code, refused.json()["error"]) == (400, "BAD_PARAMETER")
    assert analyst.get(EVENTS, headers={"Accept": "application/xml"}).status_code == 406
    assert analyst.get(f"{EVENTS}/urn%3Ax%3A1").status_code == 404


def test_the_next_page_is_asked_for_by_the_question_as_it_was_written(desk: DeskHouse) -> None:
    key = (1_793_611_200_000, "urn:x:1", "EVENT")
    desk.warehouse.answers = [[(*key, 9), (*key, 9)], [(*key, orjson.dumps({"type": "x"}).decode())]]
    query = "perPage=1&EQ_eventID=urn:x:a%2Cb,urn:x:c+%22%3E&nextPageToken=" + Token(0, "", "EVENT").text()
    link = desk.client("analyst").get(f"{EVENTS}?{query}").headers["Link"]
    where, _, rest = link.removeprefix("<").partition(">")
    token = Token(*key).text()
    assert where == f"{EVENTS}?perPage=1&EQ_eventID=urn:x:a%2Cb,urn:x:c+%22%3E&nextPageToken={token}"
    assert rest == '; rel="next"'
    assert list(read_question(where.partition("?")[2]).parameters.values()) == [["urn:x:a,b", 'urn:x:c ">']]
