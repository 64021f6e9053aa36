"""What the HTTP way in asks ClickHouse, on rows made by hand: copies, revisions, dead letters, repeats, warranties."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from jobs.capture_questions import WarehouseQuestions
from pipeline.capture.http.decided import repeated_of
from pipeline.capture.http.questions import Asked, Cursor
from pipeline.domain.unit_key import parse
from pipeline.ledger.built_in import built_in_lifecycles
from pipeline.settings import Settings
from pipeline.warehouse.client import Warehouse
from tests.http_house import a_decision
from tests.ledger_rows import RECEIVED, LedgerRows

UNIT = "sku:ACME/PUMP/A"
ASKED = Asked("rid", int(RECEIVED.timestamp() * 1000))
AT = "2024-06-01 10:00:00.000"


@pytest.fixture
def rows(warehouse: Warehouse) -> LedgerRows:
    return LedgerRows(warehouse)


@pytest.fixture
def questions(warehouse: Warehouse) -> WarehouseQuestions:
    asking = WarehouseQuestions(Settings())
    asking._warehouse = warehouse
    return asking


def test_a_scan_that_was_sent_twice_is_one_and_counts_by_what_it_came_to(
    rows: LedgerRows, questions: WarehouseQuestions
) -> None:
    rows.a_scan(UNIT, "SHIP", AT, receipt="rid/00000")
    rows.a_scan(UNIT, "SHIP", AT, "REPEATED", receipt="rid/00000", reason="REDELIVERED")
    rows.a_scan(UNIT, "STORE", AT, "REJECTED", receipt="rid/00002", reason="FUTURE_TIME")
    rows.a_scan(UNIT, "STORE", AT, "FLAGGED", receipt="rid/00002", reason="UNKNOWN_SITE")  # judged again
    rows.a_scan(UNIT, "PICK", AT, "REPEATED", receipt="rid/00003", reason="REDELIVERED")
    rows.a_scan(UNIT, "PICK", AT, receipt="other/00000")
    rows.a_scan(UNIT, "PICK", AT)
    assert questions.counts(ASKED) == {"ACCEPTED": 1, "FLAGGED": 1, "REPEATED": 1}
    found = questions.scans(ASKED, -1, 10)
    assert [(row["place"], row["outcome"]) for row in found] == [(0, "ACCEPTED"), (2, "FLAGGED"), (3, "REPEATED")]
    assert [row["place"] for row in questions.scans(ASKED, 0, 1)] == [2]


def test_a_decision_that_was_revised_counts_as_it_is_now(rows: LedgerRows, questions: WarehouseQuestions) -> None:
    ordinal = rows.a_scan(UNIT, "SHIP", AT, receipt="rid/00000")
    rows.a_revision(ordinal, UNIT, "REJECTED", "RETRACTED")
    assert questions.counts(ASKED) == {"REJECTED": 1}
    assert questions.scans(ASKED, -1, 10)[0]["reason"] == "RETRACTED"


def test_a_record_that_could_not_be_read_is_found_by_the_receipt_in_its_bytes(
    rows: LedgerRows, questions: WarehouseQuestions
) -> None:
    rows.a_dead_letter("TRUNCATED", value="\u0007scan\u0012rid/000070")
    rows.a_dead_letter("TRUNCATED", value="rid/00007 again")
    rows.a_dead_letter("TRUNCATED", value="of another: other/00001")
    rows.a_dead_letter("TOO_LONG", value="an output of rid/00003", n=1)
    found = questions.dead_letters(ASKED)
    assert [(row["place"], row["error"]) for row in found] == [(7, "TRUNCATED")]


@pytest.mark.parametrize(
    ("reason", "earlier", "others"),
    [
        ("REDELIVERED", {"scan_id": "one"}, [{"scan_id": "two"}]),
        ("DOUBLE_SCAN", {"reader": "r"}, [{"reader": "q"}, {"reader": "r", "outcome": "REPEATED"}]),
        ("RECOUNTED", {"document": "count:1"}, [{"document": "count:2"}]),
        ("SECOND_SOURCE", {"source": "wms"}, [{"site": "S2"}]),
    ],
)
def test_of_a_repeated_scan_the_one_it_repeats_is_found_as_it_is_held_now(
    rows: LedgerRows, questions: WarehouseQuestions, reason: str, earlier: dict[str, Any], others: list[dict[str, Any]]
) -> None:
    ordinal = rows.a_scan(UNIT, "COUNT", AT, **earlier)
    for other in others:
        rows.a_scan(UNIT, "COUNT", AT, **other)
    rows.a_scan(UNIT, "STORE", AT)
    rows.a_scan("sku:ACME/PUMP/B", "COUNT", AT, **earlier)
    scan = {
        "item": "sku:ACME/PUMP", "serial": "A", "step": "COUNT", "site": "S1", "scan_id": "one", "reader": "r",
        "document": "count:1", "event_time": int(datetime(2024, 6, 1, 10, 0, 1, tzinfo=UTC).timestamp() * 1000),
    }  # fmt: skip
    repeat = {"scan": scan, "decision": a_decision(outcome="REPEATED", reason=reason, ordinal=99)}
    held = questions.repeated(repeat)
    assert held is not None
    assert (held["outcome"], held["reason"]) == ("ACCEPTED", "NONE")
    rows.a_revision(ordinal, UNIT, "REJECTED", "RETRACTED")
    held = questions.repeated(repeat)
    assert held is not None
    assert (held["outcome"], held["reason"]) == ("REJECTED", "RETRACTED")
    assert questions.repeated(repeat | {"decision": a_decision(reason=reason, ordinal=ordinal)}) is None


def test_what_a_repeated_scan_of_a_receipt_repeats_is_found_by_its_row(
    rows: LedgerRows, questions: WarehouseQuestions
) -> None:
    rows.a_scan(UNIT, "COUNT", AT, reader="r", scan_id="one")
    rows.a_scan(UNIT, "COUNT", AT, "REPEATED", reader="r", scan_id="two", reason="DOUBLE_SCAN", receipt="rid/00000")
    (found,) = questions.scans(ASKED, -1, 10)
    held = questions.repeated(repeated_of(found))
    assert (held or {}).get("scan_id") == "one"


def test_a_history_is_cut_where_it_was_left(rows: LedgerRows, questions: WarehouseQuestions) -> None:
    for minute in (1, 2, 3):
        rows.a_scan(UNIT, "STORE", f"2024-06-01 10:0{minute}:00.000")
    key, last = parse(UNIT), Cursor(2**63 - 1, 2**63 - 1)
    first = questions.history(key, last, 2)
    rest = questions.history(key, Cursor(first[1]["event_ms"], first[1]["ordinal"]), 2)
    assert [row["event_time"].minute for row in first + rest] == [3, 2, 1]


def test_warranty_is_the_lifecycles_as_loaded_and_is_handed_on_by_a_replacement(
    rows: LedgerRows, questions: WarehouseQuestions
) -> None:
    retail = next(one for one in built_in_lifecycles() if one.name == "retail")
    rows.a_unit(UNIT, "SOLD", sold_at="2024-01-01 00:00:00.000")
    rows.a_unit("sku:ACME/PUMP/B", "INSTALLED")
    unit, other = (questions.unit(parse(text)) for text in (UNIT, "sku:ACME/PUMP/B"))
    assert unit is not None
    assert other is not None
    built_in = questions.warranty(parse(UNIT), unit)
    assert (built_in.days if built_in else 0) == retail.warranty_days
    rows.insert("acts", {
        "partition": 0, "ordinal": 900, "n": 0, "topic": "internal", "offset": 1, "id": "a", "kind": "LIFECYCLE",
        "received_at": AT, "subject": "retail", "result": "APPLIED", "reason": "", "author": "ann", "base": 0,
        "content": replace(retail, warranty_days=365).to_json(), "reference_version": 1, "rules_version": "r",
    })  # fmt: skip
    rows.a_scan(UNIT, "REPLACE", AT, other_unit="sku:ACME/PUMP/B")
    rows.a_scan("sku:ACME/PUMP/B", "REPLACE", AT, other_unit=UNIT)  # a ring ends
    own, handed_on = questions.warranty(parse(UNIT), unit), questions.warranty(parse("sku:ACME/PUMP/B"), other)
    assert own is not None
    assert handed_on is not None
    assert (own.days, handed_on.days, handed_on.handed_on_from) == (365, 365, UNIT)
    assert handed_on.since == datetime(2024, 1, 1, tzinfo=UTC)


def test_warranty_follows_the_labels_of_both_the_unit_and_what_it_replaces(
    rows: LedgerRows, questions: WarehouseQuestions
) -> None:
    labels = {"OLD": "MID", "MID": UNIT, "B1": "B2", "B2": "sku:ACME/PUMP/B"}
    for label, following in labels.items():
        following = following if "/" in following else f"sku:ACME/PUMP/{following}"  # noqa: PLW2901
        rows.a_unit(f"sku:ACME/PUMP/{label}", "RELABELLED", alias_of=following)
    rows.a_unit(UNIT, "SOLD", sold_at="2024-01-01 00:00:00.000")
    rows.a_unit("sku:ACME/PUMP/B", "SOLD", sold_at="2024-03-01 00:00:00.000")
    rows.a_scan("sku:ACME/PUMP/OLD", "REPLACE", AT, other_unit="sku:ACME/PUMP/B1")
    rows.a_scan("sku:ACME/PUMP/B1", "REPLACE", "2024-01-01 00:00:00.000", other_unit="sku:ACME/PUMP/B2")  # itself
    for label in ("B", "B1", "B2"):
        key = parse(f"sku:ACME/PUMP/{label}")
        unit = questions.unit(key)
        assert unit is not None
        found = questions.warranty(key, unit)
        assert found is not None
        assert (found.since, found.handed_on_from) == (datetime(2024, 1, 1, tzinfo=UTC), UNIT)
    assert questions.warranty(parse(UNIT), questions.unit(parse(UNIT)) or {}).handed_on_from is None  # type: ignore[union-attr]
    seen = rows.warehouse.query_rows("SELECT toDate(warranty_from), first_unit FROM v_warranties WHERE replaces != ''")
    assert seen == [(date(2024, 1, 1), UNIT)]


def test_what_a_document_expects_is_what_was_told_of_it(rows: LedgerRows, questions: WarehouseQuestions) -> None:
    for document, units in (("asn:1", ["A", "B"]), ("asn:1", ["B", "C"]), ("asn:2", ["D"])):
        told = {"site": "", "location": "", "units": [[f"sku:ACME/PUMP/{unit}", ""] for unit in units]}
        rows.an_act("DOCUMENT", told, subject=document)
    assert questions.expected("asn:1") == {f"sku:ACME/PUMP/{unit}" for unit in "ABC"}
    assert questions.expected("asn:3") == frozenset()


def test_which_units_a_step_was_done_to_under_a_document(rows: LedgerRows, questions: WarehouseQuestions) -> None:
    asked = {name: f"sku:ACME/PUMP/{name}" for name in "ABCDEF"}
    for name in "ABCDE":
        rows.a_scan(asked[name], "RECEIVE", AT, document="asn:2" if name == "C" else "asn:1")
    rows.a_scan(asked["B"], "RECEIVE", AT, document="asn:1", outcome="REJECTED", reason="UNKNOWN_UNIT")
    units = [asked[name] for name in "ACDF"]
    assert questions.answered("asn:1", "RECEIVE", units) == {asked["A"], asked["D"]}
    assert questions.answered("asn:1", "PICK", units) == frozenset()


def test_a_key_that_would_be_none_today_is_asked_for_as_it_was_stored(
    rows: LedgerRows, questions: WarehouseQuestions
) -> None:
    rows.a_scan("sgln:00123451111120", "RECEIVE", AT, document="asn:1")
    assert questions.answered("asn:1", "RECEIVE", ["sgln:00123451111120"]) == {"sgln:00123451111120"}
