"""Documents told to a ledger: each unit remembers them; what makes no sense is refused whole."""

import json
from typing import Any

import numpy as np
import pytest

from pipeline.domain.expected import EXPECTED_MOST, document_hash
from pipeline.domain.unit_state import Units
from pipeline.ledger.batch import Batch
from pipeline.ledger.built_in import built_in_lifecycles
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.memory import Held
from pipeline.ledger.outputs import Outputs
from pipeline.ledger.where import Where
from pipeline.wire.schemas import decode, encode
from pipeline.wire.unit_decode import decode_units

NOON = 1_735_732_800_000
DAY_MS = 86_400_000
NULLABLE = (
    "destination", "location", "reader", "operator", "document", "container", "other_unit", "lot", "expiry",
    "condition", "corrects", "source", "receipt", "flags_set", "flags_unset", "event",
)  # fmt: skip
KEYS = ["sku:A/1/x", "sku:A/1/y"]


class ALedger:
    """A ledger of one partition with a dict for a memory."""

    def __init__(self, partitions: int = 1) -> None:
        self.ledger = Ledger(Where(0, partitions, 600_000, "scans", "internal"), built_in_lifecycles())
        self.memory = Held()
        self._next = 0
        self._minutes = 0
        self._revisions: list[dict[str, Any]] = []

    def tell(self, document: str, content: object) -> dict[str, Any]:
        """Returns the act that came of it."""
        fields = {"id": "1", "kind": "DOCUMENT", "subject": document, "base": -1, "author": "ann", "sent_at": 0}
        text = content if isinstance(content, str) else json.dumps(content)
        value = encode("internal", fields | {"content": text})
        batch = Batch([document.encode()], [value], np.array([self._next]), np.array([NOON]))
        self._next += 1
        outputs: Outputs = self.ledger.take_internal(batch, self.memory)
        self.memory.keep_outputs(outputs)
        return dict(decode(outputs.records["acts"].values[0])[1])

    def minute(self) -> int:
        """Returns the next minute, which only a scan that names it has."""
        self._minutes += 1
        return self._minutes

    def scan(self, key: str, step: str, document: str | None = None, minute: int | None = None) -> tuple[str, str]:
        """Scans a unit a minute after the last one; returns outcome and reason."""
        number = self.minute() if minute is None else minute
        item, _, serial = key.rpartition("/")
        when = NOON + number * 60_000
        fields = dict.fromkeys(NULLABLE) | {
            "scan_id": f"{key} {step} {number}", "item": item, "serial": serial, "step": step, "event_time": when,
            "capture_time": when, "site": "a", "origin": "DEVICE", "attributes": [], "document": document,
        }  # fmt: skip
        batch = Batch([key.encode()], [encode("scan", fields)], np.array([self._next]), np.array([NOON + DAY_MS]))
        self._next += 1
        outputs = self.ledger.take_scans(batch, self.memory.load)
        self.memory.keep_outputs(outputs)
        self._revisions = [decode(value)[1] for value in outputs.records["revisions"].values[:-1]]
        decision = decode(outputs.records["verdicts"].values[0])[1]["decision"]
        return decision["outcome"], decision["reason"]

    def revised(self) -> list[tuple[str, str]]:
        """Returns what the last scan made of earlier ones."""
        return [(row["outcome"], row["reason"]) for row in self._revisions]

    def expect(self, document: str, *rows: tuple[str, str]) -> str:
        return str(self.tell(document, {"units": rows})["result"])

    def expected(self, key: str) -> list[tuple[int, int, int]]:
        """Returns document, kind and sale of each entry of a unit."""
        units: Units = decode_units(self.memory.load([key.encode()]), np.zeros(1, np.int64))[0]
        count, first = int(units.heads[0]["expected"]), int(units.places[0]["first_expected"])
        return [(int(e["document"]), int(e["kind"]), int(e["sale"])) for e in units.expected[first : first + count]]


def test_each_unit_remembers_the_document_and_the_sale() -> None:
    ledger = ALedger()
    assert ledger.expect("rma:1", (KEYS[0], "order:7"), (KEYS[1], "")) == "APPLIED"
    assert ledger.expected(KEYS[0]) == [(document_hash("rma:1"), 4, document_hash("order:7"))]
    assert ledger.expected(KEYS[1]) == [(document_hash("rma:1"), 4, 0)]
    assert ledger.ledger.reference.documents.names == ["rma:1"]


def test_told_again_it_changes_nothing() -> None:
    ledger = ALedger()
    ledger.expect("asn:1", (KEYS[0], ""))
    before = dict(ledger.memory.records)
    ledger.expect("asn:1", (KEYS[0], ""))
    key = KEYS[0].encode()
    assert ledger.memory.records[key] == before[key]


def test_a_unit_forgets_the_oldest_documents_first() -> None:
    ledger = ALedger()
    names = [f"asn:{number}" for number in range(EXPECTED_MOST + 2)]
    for name in names:
        ledger.expect(name, (KEYS[0], ""))
    assert [entry[0] for entry in ledger.expected(KEYS[0])] == [document_hash(name) for name in names[2:]]


def test_count_sheets_push_no_other_document_out() -> None:
    ledger = ALedger()
    ledger.expect("order:1", (KEYS[0], ""))
    for number in range(EXPECTED_MOST + 2):
        ledger.expect(f"count:{number}", (KEYS[0], ""))
    assert [entry[0] for entry in ledger.expected(KEYS[0])] == [document_hash("order:1")]


def test_a_document_without_units_is_known_all_the_same() -> None:
    ledger = ALedger()
    assert ledger.expect("count:1") == "APPLIED"
    assert ledger.ledger.reference.documents.sorted()["document"].tolist() == [document_hash("count:1")]


def test_documents_known_outlive_a_take_over() -> None:
    ledger = ALedger()
    ledger.expect("asn:1", (KEYS[0], ""))
    ledger.expect("asn:2")
    entries = [decode(value)[1] for key, value in ledger.memory.records.items() if key.startswith(b"\0document\0")]
    assert sorted(entry["name"] for entry in entries) == ["asn:1", "asn:2"]


@pytest.mark.parametrize(
    ("document", "content", "reason"),
    [
        ("parcel:1", {"units": []}, "subject"),
        ("asn:", {"units": []}, "subject"),
        ("asn:" + "x" * 200, {"units": []}, "subject"),
        ("asn:1", "no JSON", "content"),
        ("asn:1", "[" * 5_000, "content"),
        ("asn:1", {"units": [["not a key", ""]]}, "content"),
        ("asn:1", {"units": [[KEYS[0], 7]]}, "content"),
        ("asn:1", {"units": [[KEYS[0]]]}, "content"),
        ("asn:1", {"units": 7}, "content"),
        ("asn:1", '{"units": [["sku:A/1/x", "\\ud800"]]}', "content"),
        ("asn:1", "{}", "content"),
        ("asn:1", "null", "content"),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(document: str, content: object, reason: str) -> None:
    ledger = ALedger()
    act = ledger.tell(document, content)
    assert (act["result"], act["reason"]) == ("REFUSED", reason)
    assert ledger.ledger.reference.documents.names == []
    assert not [key for key in ledger.memory.records if not key.startswith(b"\0")]


def test_a_unit_of_another_partition_is_refused() -> None:
    ledger = ALedger(partitions=64)
    act = ledger.tell("asn:1", {"units": [[key, ""] for key in KEYS]})
    assert (act["result"], act["reason"]) == ("REFUSED", "partition")
