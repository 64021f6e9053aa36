"""Records that the ledger only writes down: applied where they make sense, refused with a reason where they do not."""

import json
from typing import Any

import pytest

from pipeline.wire.schemas import encode
from tests.oracle.arrivals import RECEIVED_AT, a_scan, a_site_load, arrived
from tests.unit.ledgering import Ledgering

STARTED: dict[str, Any] = {"asked": {"predicate": {"lots": ["L7"]}}, "text": "lot L7", "units": 2, "sha256": "00"}
STATED: dict[str, Any] = {
    "as_of": 1_690_000_000_000, "part": 0, "parts": 1, "quantities": [["sku:ACME/PUMP", "munich", 12]],
}  # fmt: skip
REMOVED = {"before": 1_690_000_000_000, "last_ordinal": 1}


def taken(ledger: Ledgering, kind: str, content: str, subject: str) -> tuple[str, str]:
    fields = {"id": "n", "kind": kind, "subject": subject, "base": -1, "author": "ann", "sent_at": 1_700_000_000_000}
    record = encode("internal", fields | {"content": content})
    ledger.take_bytes([subject.encode()], [record], [RECEIVED_AT], is_internal=True)
    act = ledger.written["acts"][-1]
    return act["result"], act["reason"]


def a_ledger(partitions: int = 1, partition: int = 0) -> Ledgering:
    ledger = Ledgering(partitions, partition)
    ledger.take([a_site_load()])
    return ledger


@pytest.mark.parametrize("kind", ["RECALL_START", "RECALL_CLOSE"])
def test_a_recall_is_written_down_in_the_partition_of_its_id_and_changes_nothing(kind: str) -> None:
    results = {taken(a_ledger(4, at), kind, json.dumps(STARTED), "recall:r1") for at in range(4)}
    assert results == {("APPLIED", ""), ("REFUSED", "partition")}
    ledger = a_ledger()
    before = dict(ledger.kept)
    taken(ledger, kind, json.dumps(STARTED), "recall:r1")
    assert {key for key, value in ledger.kept.items() if before.get(key) != value} <= {b"\0position"}


@pytest.mark.parametrize("subject", ["", "recall:", "sku:A/B/1", "recall:\0", "recall:" + "r" * 500])
def test_another_subject_is_refused(subject: str) -> None:
    assert taken(a_ledger(), "RECALL_START", json.dumps(STARTED), subject) == ("REFUSED", "subject")
    assert taken(a_ledger(), "RETENTION", json.dumps(REMOVED), subject) == ("REFUSED", "subject")


@pytest.mark.parametrize("content", ["", "[]", "7", "{", '{"a": NaN}', '{"text": "\\ud800"}', '{"a":' * 3000])
def test_content_that_is_no_object_is_refused(content: str) -> None:
    assert taken(a_ledger(), "RECALL_CLOSE", content, "recall:r1") == ("REFUSED", "content")


def test_what_was_removed_lies_below_the_record_that_says_so() -> None:
    ledger = a_ledger()
    ledger.take([arrived(a_scan("sku:ACME/PUMP/1", "COMMISSION", 0))])
    assert taken(ledger, "RETENTION", json.dumps(REMOVED | {"last_ordinal": 2}), "retention") == ("APPLIED", "")
    for wrong in ({"last_ordinal": 4}, {"last_ordinal": -1}, {"last_ordinal": "2"}, {"before": None}, {"before": True}):
        assert taken(ledger, "RETENTION", json.dumps(REMOVED | wrong), "retention") == ("REFUSED", "content")


def test_what_was_sent_for_a_dead_letter_is_noted_where_the_dead_letter_is() -> None:
    for at, expected in ((1, ("APPLIED", "")), (0, ("REFUSED", "partition"))):
        assert taken(a_ledger(4, at), "REDRIVE", "{}", "dead-letter:1/1") == expected


@pytest.mark.parametrize("subject", ["dead-letter:0/0", "dead-letter:0/9", "dead-letter:0", "dead-letter:x/1", ""])
def test_a_dead_letter_that_cannot_be_is_refused(subject: str) -> None:
    assert taken(a_ledger(), "REDRIVE", "{}", subject) == ("REFUSED", "subject")


def test_a_part_of_a_statement_is_noted_in_the_partition_of_its_statement() -> None:
    results = {taken(a_ledger(4, at), "ERP_STATEMENT", json.dumps(STATED), "erp:e1") for at in range(4)}
    assert results == {("APPLIED", ""), ("REFUSED", "partition")}
    assert taken(a_ledger(), "ERP_STATEMENT", json.dumps(STATED | {"quantities": []}), "erp:e1") == ("APPLIED", "")
    for subject in ("erp:", "recall:e1", ""):
        assert taken(a_ledger(), "ERP_STATEMENT", json.dumps(STATED), subject) == ("REFUSED", "subject")


@pytest.mark.parametrize(
    "wrong",
    [
        {"as_of": None}, {"as_of": -1}, {"as_of": 1 << 60}, {"as_of": "2024"}, {"as_of": True}, {"part": 1},
        {"parts": 0}, {"quantities": None}, {"quantities": [["i", "s"]]}, {"quantities": [["i", "s", -1]]},
        {"quantities": [["i", "s", 1.5]]}, {"quantities": [["i", "s", True]]}, {"quantities": [["", "s", 1]]},
        {"quantities": [["i", "", 1]]}, {"quantities": [["i", "s", 1 << 53]]}, {"quantities": [{"i": 1}]},
    ],
    ids=str,
)  # fmt: skip
def test_a_statement_that_tables_could_not_read_is_refused(wrong: dict[str, Any]) -> None:
    assert taken(a_ledger(), "ERP_STATEMENT", json.dumps(STATED | wrong), "erp:e1") == ("REFUSED", "content")
