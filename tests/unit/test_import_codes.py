"""A file of barcodes: units, lots and expiry dates come from the codes, and a wrong code says what would be right."""

import polars as pl

from pipeline.capture.mapping import Mapping
from pipeline.capture.rows import import_rows
from pipeline.wire.schemas import decode

MAPPING = Mapping.model_validate(
    {
        "code": {"column": "barcode"},
        "site": {"constant": "S1"},
        "steps": [{"step": "RECEIVE", "time": {"column": "at"}}],
    }
)


def imported(*codes: str | None, mapping: Mapping = MAPPING) -> tuple[list[dict[str, object]], list[str]]:
    """Returns the scans of rows with these codes, and why rows were rejected."""
    frame = pl.DataFrame({"barcode": codes, "at": ["2026-01-01T10:00:00Z"] * len(codes), "batch": ["B1"] * len(codes)})
    found = import_rows(frame, mapping)
    return [decode(value)[1] for value in found.values], found.rejected["rejected_because"].to_list()


def test_one_unit_in_several_syntaxes_is_one_unit() -> None:
    scans, rejected = imported(
        "(01)09506000134352(21)ABC123", "https://id.gs1.org/01/09506000134352/21/ABC123", "gtin:09506000134352/ABC123"
    )
    assert {(scan["item"], scan["serial"]) for scan in scans} == {("gtin:09506000134352", "ABC123")}
    assert len(scans) == 3
    assert rejected == []


def test_lot_and_expiry_come_from_the_code_unless_a_column_says_them() -> None:
    code = "(01)09506000134352(17)271231(10)L7(21)ABC123"
    (scan,), _ = imported(code)
    assert (scan["lot"], scan["expiry"]) == ("L7", 21_183)
    told = Mapping.model_validate(MAPPING.model_dump(by_alias=True) | {"fields": {"lot": {"column": "batch"}}})
    (scan,), _ = imported(code, mapping=told)
    assert (scan["lot"], scan["expiry"]) == ("B1", 21_183)


def test_a_code_that_names_no_unit_rejects_its_row_and_says_why() -> None:
    scans, rejected = imported(
        "(01)09506000134353(21)A", "(01)09506000134352", None, "sscc:106141412345678908", "(01)09506000134352(21)B"
    )
    assert [scan["serial"] for scan in scans] == ["sscc:106141412345678908", "B"]
    assert "check digit 3 should be 2" in rejected[0]
    assert "no single unit" in rejected[1]
    assert rejected[2] == "barcode: no code"
