"""Scans under documents that somebody told of: expected, not expected, another unit than allocated, another sale."""

import json

import pytest

from pipeline.domain.papers import short_of
from tests.unit.test_ledger_documents import KEYS, NOON, ALedger

X, Y = KEYS
MINUTE = 60_000


def life(ledger: ALedger, key: str, *steps: str, document: str | None = None) -> list[tuple[str, str]]:
    """Scans a unit at one site, a minute apart; only the last scan names the document. Returns the decisions."""
    return [
        ledger.scan(key, step, document=document if place == len(steps) - 1 else None)
        for place, step in enumerate(steps)
    ]


@pytest.mark.parametrize(
    ("document", "steps", "reason"),
    [
        ("asn:1", ("COMMISSION", "SHIP", "RECEIVE"), "NOT_EXPECTED"),
        ("order:1", ("COMMISSION", "STORE", "PICK"), "WRONG_UNIT"),
        ("order:1", ("COMMISSION", "SHIP"), "NOT_EXPECTED"),
        ("rma:1", ("COMMISSION", "SELL", "RETURN"), "RETURN_MISMATCH"),
        ("asn:1", ("COMMISSION", "SHIP", "ARRIVE"), "UNKNOWN_SITE"),
        ("count:1", ("COMMISSION", "COUNT"), "UNKNOWN_SITE"),
    ],
)
def test_a_unit_that_a_document_does_not_name_is_flagged_where_it_matters(
    document: str, steps: tuple[str, ...], reason: str
) -> None:
    ledger = ALedger()
    ledger.expect(document, (Y, ""))
    assert life(ledger, X, *steps, document=document)[-1] == ("FLAGGED", reason)
    assert life(ledger, Y, *steps, document=document)[-1] == ("FLAGGED", "UNKNOWN_SITE")


def test_under_a_document_that_nobody_told_of_nothing_is_expected_or_not() -> None:
    ledger = ALedger()
    ledger.expect("asn:2", (Y, ""))
    assert life(ledger, X, "COMMISSION", "SHIP", "RECEIVE", document="asn:1")[-1] == ("FLAGGED", "UNKNOWN_SITE")


@pytest.mark.parametrize(("sold", "reason"), [("order:7", "UNKNOWN_SITE"), ("order:8", "RETURN_MISMATCH")])
def test_a_return_is_compared_with_the_sale(sold: str, reason: str) -> None:
    ledger = ALedger()
    ledger.expect("rma:1", (X, "order:7"))
    ledger.scan(X, "COMMISSION")
    ledger.scan(X, "SELL", document=sold)
    assert ledger.scan(X, "RETURN", document="rma:1") == ("FLAGGED", reason)


def test_a_sale_that_comes_late_mends_the_return() -> None:
    ledger = ALedger()
    ledger.expect("rma:1", (X, "order:7"))
    ledger.scan(X, "COMMISSION")
    sale = ledger.minute()
    assert ledger.scan(X, "RETURN", document="rma:1") == ("REJECTED", "RETURN_NOT_SOLD")
    ledger.scan(X, "SELL", document="order:7", minute=sale)
    assert ledger.revised() == [("FLAGGED", "UNKNOWN_SITE")]


def test_what_a_document_had_against_a_scan_stays_when_the_unit_is_folded_again() -> None:
    ledger = ALedger()
    ledger.expect("order:1", (Y, ""))
    ledger.scan(X, "COMMISSION")
    late = ledger.minute()
    ledger.scan(X, "STORE")
    assert ledger.scan(X, "PICK", document="order:1") == ("FLAGGED", "WRONG_UNIT")
    ledger.expect("order:1", (X, ""))
    ledger.scan(X, "STORE", minute=late)
    assert all(reason != "NONE" for _, reason in ledger.revised())


def test_a_short_hash_is_never_none_and_fits_its_column() -> None:
    assert all(0 < short_of(number) < 2**15 for number in (-(2**31), -1, 0, 1, 2**31 - 1, NOON))


@pytest.mark.parametrize(("mode", "outcome"), [("observe", "ACCEPTED"), ("warn", "FLAGGED"), ("block", "REJECTED")])
@pytest.mark.parametrize(
    ("document", "steps", "reason"),
    [
        ("asn:1", ("COMMISSION", "SHIP", "RECEIVE"), "NOT_EXPECTED"),
        ("order:1", ("COMMISSION", "STORE", "PICK"), "WRONG_UNIT"),
        ("rma:1", ("COMMISSION", "SELL", "RETURN"), "RETURN_MISMATCH"),
    ],
)
def test_what_a_document_has_against_a_scan_is_as_grave_as_the_mode_says(
    document: str, steps: tuple[str, ...], reason: str, mode: str, outcome: str
) -> None:
    ledger = ALedger()
    rows = [{"rule": reason, "mode": mode, "site": "a"}, {"rule": "UNKNOWN_SITE", "mode": "observe"}]
    assert ledger.ledger.reference.load({"kind": "MODES", "base": 0, "content": json.dumps(rows)}) == ("APPLIED", "")
    ledger.expect(document, (Y, ""))
    assert life(ledger, X, *steps, document=document)[-1] == (outcome, reason)
    assert life(ledger, Y, *steps, document=document)[-1] == ("ACCEPTED", "UNKNOWN_SITE")
