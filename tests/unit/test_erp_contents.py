"""What an ERP states, cut into records: nothing is lost, and each record is one that the ledger takes."""

import json
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from pytest import MonkeyPatch

import analytics.erp
from analytics.erp import contents
from pipeline.ledger.internal import _LARGEST
from pipeline.wire.schemas import encode
from tests.unit.test_noted import a_ledger, taken

AS_OF = datetime(2024, 6, 1, tzinfo=UTC)
names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=30)
told = st.dictionaries(st.tuples(names, names), st.integers(0, 10**15 - 1), max_size=40)


@given(told, st.integers(10, 400))
def test_the_parts_of_a_statement_are_the_statement_however_they_are_cut(
    quantities: dict[tuple[str, str], int], most: int
) -> None:
    with MonkeyPatch.context() as patch:
        patch.setattr(analytics.erp, "MOST_BYTES", most)
        parts = contents(quantities, AS_OF)
    assert {(item, site): count for part in parts for item, site, count in part["quantities"]} == quantities
    assert [(part["part"], part["parts"]) for part in parts] == [(n, len(parts)) for n in range(len(parts))]
    assert {part["as_of"] for part in parts} == {1_717_200_000_000}
    for part in parts:
        assert len(part["quantities"]) <= 1 or len(json.dumps(part["quantities"], ensure_ascii=False).encode()) <= most


def test_the_longest_names_make_records_that_the_ledger_applies() -> None:
    quantities = {(f"sku:A/{n:0390}", "\x01" * 128): 10**15 - 1 for n in range(2_500)}
    parts = contents(quantities, AS_OF)
    assert len(parts) > 1
    ledger = a_ledger()
    for part in parts:
        text = json.dumps(part, ensure_ascii=False)
        assert taken(ledger, "ERP_STATEMENT", text, "erp:0123456789abcdef") == ("APPLIED", "")
        fields = {"id": "n" * 32, "kind": "ERP_STATEMENT", "subject": "erp:0123456789abcdef", "base": -1}
        assert len(encode("internal", fields | {"author": "a" * 64, "sent_at": 0, "content": text})) < _LARGEST
