"""A code that is almost an expected unit: that unit is named beside the fault, or beside the verdict."""

import pytest
from starlette.testclient import TestClient

from tests.http_house import Opened, a_scan

EXPECTED = "gtin:09506000134352/ABC123"
MISREAD = "(01)09506000134353(21)ABC123"
NEIGHBOUR = "(01)09506000134352(21)ABC128"


@pytest.fixture
def asn(house: Opened) -> Opened:
    house.questions.awaited = {"asn:1": frozenset({EXPECTED})}
    return house


def test_beside_a_code_with_a_wrong_digit_stands_the_expected_unit(asn: Opened, site: TestClient) -> None:
    scans = [a_scan(code=MISREAD, document="asn:1"), a_scan(code=MISREAD), a_scan(code=MISREAD, document="asn:2")]
    answer = site.post("/v1/scans", json=scans)
    first, *others = answer.json()["malformed"]
    assert (first["index"], first["likely"]["unit_key"]) == (0, EXPECTED)
    assert "check digit" in first["likely"]["message"]
    assert [other.get("likely") for other in others] == [None, None]


def test_what_the_step_was_done_to_already_is_not_what_is_in_hand(asn: Opened, site: TestClient) -> None:
    others = [EXPECTED[:-1] + last for last in "456"]
    asn.questions.awaited = {"asn:1": frozenset({EXPECTED, *others})}
    asn.questions.done = {("asn:1", "RECEIVE"): frozenset({EXPECTED, others[0]})}
    asn.verdicts.decide = lambda _: {"outcome": "FLAGGED", "reason": "NOT_EXPECTED"}
    answer = site.post("/v1/scans?wait=5", json=[a_scan(code=NEIGHBOUR, step="RECEIVE", document="asn:1")])
    likely = answer.json()["verdicts"][0]["likely"]
    assert likely["unit_key"] == others[1]
    assert likely["message"].endswith("; 1 other expected units are as near")
    asn.questions.done = {("asn:1", "RECEIVE"): frozenset({EXPECTED, *others})}
    answer = site.post("/v1/scans?wait=5", json=[a_scan(code=NEIGHBOUR, step="RECEIVE", document="asn:1", reader="r2")])
    assert "likely" not in answer.json()["verdicts"][0]


def test_the_suggestion_is_part_of_the_receipt(asn: Opened, site: TestClient) -> None:
    headers = {"Idempotency-Key": "k"}
    scans = [a_scan(code=MISREAD, document="asn:1"), a_scan()]
    first = site.post("/v1/scans", json=scans, headers=headers).json()
    asn.questions.awaited = {}
    assert site.post("/v1/scans", json=scans, headers=headers).json() == first


@pytest.mark.parametrize("reason", ["NOT_EXPECTED", "WRONG_UNIT", "RETURN_MISMATCH", "UNKNOWN_UNIT"])
def test_beside_the_verdict_on_a_surprising_unit_stands_the_one_expected(
    asn: Opened, site: TestClient, reason: str
) -> None:
    asn.verdicts.decide = lambda _: {"outcome": "FLAGGED", "reason": reason}
    scans = [a_scan(code=NEIGHBOUR, document="asn:1"), a_scan(code=NEIGHBOUR)]
    answer = site.post("/v1/scans?wait=5", json=scans)
    likely = [verdict.get("likely") for verdict in answer.json()["verdicts"]]
    assert likely[0]["unit_key"] == EXPECTED
    assert likely[1] is None


def test_a_unit_that_is_as_expected_has_no_other_beside_it(asn: Opened, site: TestClient) -> None:
    asn.verdicts.decide = lambda _: {"outcome": "FLAGGED", "reason": "UNKNOWN_SITE"}
    (verdict,) = site.post("/v1/scans?wait=5", json=[a_scan(code=NEIGHBOUR, document="asn:1")]).json()["verdicts"]
    assert "likely" not in verdict


def test_without_clickhouse_scans_are_taken_and_nothing_is_suggested(asn: Opened, site: TestClient) -> None:
    asn.questions.is_down = True
    answer = site.post("/v1/scans", json=[a_scan(code=MISREAD, document="asn:1"), a_scan()])
    assert (answer.status_code, len(asn.log.keys)) == (202, 1)
    assert "likely" not in answer.json()["malformed"][0]
