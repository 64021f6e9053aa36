"""Receipts and units asked for: pages, counts, rights, and a warehouse that is away."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from pipeline.capture.http.questions import Warranty
from tests.http_house import Opened, a_scan
from tests.unit.http.test_waits import row

KEY = "gtin:09506000134352/ABC123"
WHEN = datetime(2026, 11, 5, 10, tzinfo=UTC)


def sent(client: TestClient, *scans: object) -> str:
    return str(client.post("/v1/scans", json=list(scans)).json()["id"])


def a_dead_letter(place: int) -> dict[str, Any]:
    return {"place": place, "error": "TRUNCATED", "detail": "at byte 7", "topic": "scans", "partition": 1, "offset": 9}


def seen(ordinal: int, **fields: object) -> dict[str, Any]:
    return {"event_time": WHEN, "event_ms": 1_793_872_800_000 + ordinal, "ordinal": ordinal, "step": "SELL"} | fields


def test_a_receipt_counts_what_became_of_its_scans(house: Opened, site: TestClient) -> None:
    receipt = sent(site, *(a_scan(reader=str(n)) for n in range(6)), {"step": "?"})
    outcomes = ["ACCEPTED", "FLAGGED", "REJECTED", "ACCEPTED"]
    house.questions.rows = [row(place, outcome=outcome) for place, outcome in enumerate(outcomes)]
    house.questions.dead = [a_dead_letter(4)]
    page = site.get(f"/v1/receipts/{receipt}").json()
    assert page["counts"] == {
        "scans": 7, "queued": 6, "malformed": 1, "skewed": 0, "pending": 1, "dead_lettered": 1, "accepted": 2,
        "flagged": 1, "repeated": 0, "rejected": 1, "undecided": 0,
    }  # fmt: skip
    assert [scan["index"] for scan in page["scans"]] == [0, 1, 2, 3]
    assert page["scans"][0]["next"]["proceed"] == "YES"
    assert page["dead_letters"][0]["index"] == 4
    assert page["pending"] == [5]
    assert {fault["index"] for fault in page["malformed"]} == {6}
    assert (page["is_complete"], page["next"]) == (True, None)


def test_pages_lead_through_scans_and_malformed_ones_in_their_order(house: Opened, site: TestClient) -> None:
    bad = {"step": "?", "event_time": "2026-11-02T09:20:00Z", "code": KEY}
    receipt = sent(site, a_scan(), bad, a_scan(), bad, a_scan())
    house.questions.rows = [row(0), row(2), row(4)]
    places, after = [], -1
    for _ in range(3):
        page = site.get(f"/v1/receipts/{receipt}", params={"after": after, "limit": 2}).json()
        places.append(sorted([one["index"] for one in page["scans"] + page["malformed"]]))
        if page["next"] is None:
            break
        after = page["next"]
    assert places == [[0, 1], [2, 3], [4]]


def test_each_place_of_a_receipt_is_on_one_page_whatever_became_of_it(house: Opened, site: TestClient) -> None:
    receipt = sent(site, *(a_scan(reader=str(n), step="?" if n == 3 else "SHIP") for n in range(8)))
    house.questions.rows = [row(0), row(5)]
    house.questions.dead = [a_dead_letter(1), a_dead_letter(7)]
    pages, after = [], -1
    for _ in range(4):
        page = site.get(f"/v1/receipts/{receipt}", params={"after": after, "limit": 3}).json()
        pages.append({kind: [one["index"] for one in page[kind]] for kind in ("scans", "malformed", "dead_letters")})
        pages[-1]["pending"] = page["pending"]
        assert (page["counts"]["pending"], page["counts"]["dead_lettered"]) == (3, 2)
        if page["next"] is None:
            break
        after = page["next"]
    assert pages == [
        {"scans": [0], "malformed": [], "dead_letters": [1], "pending": [2]},
        {"scans": [5], "malformed": [3], "dead_letters": [], "pending": [4]},
        {"scans": [], "malformed": [], "dead_letters": [7], "pending": [6]},
    ]
    behind = site.get(f"/v1/receipts/{receipt}", params={"after": 7}).json()
    assert [behind[kind] for kind in ("scans", "malformed", "dead_letters", "pending", "next")] == [
        [],
        [],
        [],
        [],
        None,
    ]


def test_a_request_that_was_cut_off_is_not_complete(house: Opened, site: TestClient) -> None:
    house.log.mood = "refusing"
    receipt = site.post("/v1/scans", json=[a_scan()]).json()["receipt"]
    page = site.get(f"/v1/receipts/{receipt}").json()
    assert (page["is_complete"], page["counts"]["pending"]) == (False, 1)


def test_a_site_reads_its_own_receipts_and_an_analyst_all(house: Opened, site: TestClient) -> None:
    receipt = sent(site, a_scan())
    assert house.client().get(f"/v1/receipts/{receipt}").json()["error"] == "RECEIPT_UNKNOWN"
    for client in (site, house.client("analyst"), house.client("admin")):
        assert client.get(f"/v1/receipts/{receipt}").json()["id"] == receipt
    assert TestClient(house.app).get(f"/v1/receipts/{receipt}").status_code == 401


@pytest.mark.parametrize("receipt", ["nothing", "a'b", "%00", "x" * 64])
def test_a_receipt_that_is_none_is_404(site: TestClient, receipt: str) -> None:
    assert site.get(f"/v1/receipts/{receipt}").status_code == 404


@pytest.mark.parametrize("query", ["after=x", "after=-2", "limit=0", "limit=1001"])
def test_a_page_that_makes_no_sense_is_400(site: TestClient, query: str) -> None:
    assert site.get(f"/v1/receipts/x?{query}").json()["error"] == "BAD_PARAMETER"


def test_while_clickhouse_is_away_questions_are_503_and_scans_go_on(house: Opened, site: TestClient) -> None:
    receipt = sent(site, a_scan())
    house.questions.is_down = True
    analyst = house.client("analyst")
    for answer in (site.get(f"/v1/receipts/{receipt}"), analyst.get(f"/v1/units/{quote(KEY, safe='')}")):
        assert (answer.status_code, answer.json()["error"], answer.headers["Retry-After"]) == (503, "NOT_NOW", "2")
    assert site.post("/v1/scans", json=[a_scan()]).status_code == 202


def test_a_unit_is_shown_as_it_stands(house: Opened) -> None:
    house.questions.known = {
        "state": "SOLD", "site": "shop-oslo", "custody": None, "sold_at": WHEN, "commissioned_at": WHEN, "lot": "L7",
        "lifecycle": "retail", "applied": 4, "rejected": 1, "last_event_time": WHEN,
    }  # fmt: skip
    house.questions.alerted = [{"id": "a", "kind": "CUSTODY_CONFLICT", "status": "OPEN", "count": 2, "opened_at": WHEN}]
    house.questions.seen = [seen(2), seen(1)]
    house.questions.guaranteed = Warranty(365, WHEN, None)
    unit = house.client("analyst").get(f"/v1/units/{KEY}").json()
    assert (unit["unit_key"], unit["state"], unit["place"]["site"], unit["lot"]) == (KEY, "SOLD", "shop-oslo", "L7")
    assert unit["element_string"] == "(01)09506000134352(21)ABC123"
    assert unit["milestones"]["sold_at"] == "2026-11-05T10:00:00.000Z"
    assert unit["warranty"]["until"] == "2027-11-05T10:00:00.000Z"
    assert unit["open_alerts"][0]["kind"] == "CUSTODY_CONFLICT"
    assert [one["step"] for one in unit["history"]] == ["SELL", "SELL"]


@pytest.mark.parametrize(
    ("guaranteed", "told"),
    [
        (None, None),
        (Warranty(30, None, None), {"days": 30, "from": None, "until": None, "is_valid": None, "handed_on_from": None}),
        (
            Warranty(90, datetime(9999, 12, 1, tzinfo=UTC), "sku:A/B/1"),
            {"days": 90, "from": "9999-12-01T00:00:00.000Z", "until": "9999-12-31T23:59:59.999Z", "is_valid": True,
             "handed_on_from": "sku:A/B/1"},
        ),
    ],
)  # fmt: skip
def test_warranty_runs_from_the_sale(house: Opened, guaranteed: Warranty | None, told: dict[str, Any] | None) -> None:
    house.questions.known, house.questions.guaranteed = {"lifecycle": "retail"}, guaranteed
    assert house.client("analyst").get(f"/v1/units/{KEY}").json()["warranty"] == told


@pytest.mark.parametrize(
    "code",
    [KEY, "(01)09506000134352(21)ABC123", "https://id.gs1.org/01/09506000134352/21/ABC123?17=271231",
     "\x1d010950600013435221ABC123", "urn:epc:id:sgtin:9506000.013435.ABC123"],
)  # fmt: skip
def test_a_unit_is_found_by_a_code_of_any_syntax(house: Opened, code: str) -> None:
    house.questions.seen = [seen(1)]
    answer = house.client("analyst").get(f"/v1/units/{quote(code, safe='')}")
    assert (answer.status_code, answer.json()["unit_key"]) == (200, KEY)


def test_a_code_that_names_no_unit_is_400_and_an_unknown_unit_404(house: Opened) -> None:
    analyst = house.client("analyst")
    answer = analyst.get("/v1/units/(01)09506000134353(21)A")
    assert (answer.status_code, answer.json()["error"]) == (400, "BAD_CODE")
    assert "(01)09506000134352(21)A" in answer.json()["detail"]
    assert analyst.get("/v1/units/09506000134352").json()["error"] == "BAD_CODE"
    assert analyst.get(f"/v1/units/{KEY}").json()["error"] == "UNIT_UNKNOWN"


def test_a_history_comes_in_pages_the_newest_first(house: Opened) -> None:
    house.questions.seen = [seen(ordinal, scan_id=str(ordinal)) for ordinal in (5, 4, 3, 2, 1)]
    analyst, ids, before = house.client("analyst"), [], None
    for _ in range(3):
        page = analyst.get(f"/v1/units/{KEY}", params={"limit": 2} | ({"before": before} if before else {})).json()
        ids.append([one["scan_id"] for one in page["history"]])
        before = page["next"]
    assert (ids, before) == ([["5", "4"], ["3", "2"], ["1"]], None)


@pytest.mark.parametrize("query", ["before=x", "before=1", "before=1.x", "limit=0"])
def test_a_page_of_history_that_makes_no_sense_is_400(house: Opened, query: str) -> None:
    assert house.client("analyst").get(f"/v1/units/{KEY}?{query}").json()["error"] == "BAD_PARAMETER"


def test_a_site_may_not_read_units(house: Opened, site: TestClient) -> None:
    assert site.get(f"/v1/units/{KEY}").json()["error"] == "NOT_ALLOWED"
