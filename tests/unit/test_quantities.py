"""Quantities of another system: read strictly, each bad row named by its line, and set against the ledger's."""

from pathlib import Path

import pytest

from analytics.answers import Answer
from analytics.reports.reconciliation import reconciled
from analytics.tables.cells import read_bytes, read_table
from analytics.tables.quantities import read_quantities
from pipeline.errors import FileUnreadable, TableWrong


def read(folder: Path, text: str) -> dict[tuple[str, str], int]:
    file = folder / "erp.csv"
    file.write_text(text, encoding="utf-8")
    return dict(read_quantities(read_table(file)))


def on_hand(*rows: tuple[str, str, int]) -> Answer:
    return {
        "kind": "report", "report": "on-hand", "excluded": {"units_with_customer": 4}, "columns": [],
        "rows": [{"item": item, "site": site, "units": units} for item, site, units in rows],
    }  # fmt: skip


def test_items_are_read_as_in_unit_keys_or_as_codes_of_a_class(tmp_path: Path) -> None:
    text = "site,quantity,item,note\nS1,3,gtin:09506000134352,x\nS2,0,9506000134352,\nS1,12,sku:ACME/W-1,\n"
    assert read(tmp_path, text) == {
        ("gtin:09506000134352", "S1"): 3, ("gtin:09506000134352", "S2"): 0, ("sku:ACME/W-1", "S1"): 12,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("widget,S1,3", "line 3 (row 2 of the data), column 'item': 'widget' is no item"),
        ("gtin:09506000134353,S1,3", "line 3 (row 2 of the data), column 'item'"),
        ("sscc:106141412345678908,S1,3", "column 'item'"),
        (",S1,3", "column 'item': '' is no item"),
        ("sku:A/1,,3", "column 'site': '' is empty"),
        ("sku:A/1,S1,-3", "column 'quantity': '-3' is no whole number from 0"),
        ("sku:A/1,S1,2.5", "column 'quantity': '2.5' is no whole number"),
        ("sku:A/1,S1,", "column 'quantity': '' is no whole number"),
        ("sku:A/0,S1,4", "at 'S1' is on line 2 already"),
        ("sku:A/1,S1", "line 3 (row 2 of the data): 2 cells where the header has 3"),
    ],
)
def test_a_bad_row_is_named_by_its_line(row: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(TableWrong) as wrong:
        read(tmp_path, f"item,site,quantity\nsku:A/0,S1,1\n{row}\n")
    assert said in str(wrong.value)


def test_a_missing_column_is_told_the_nearest_there_is(tmp_path: Path) -> None:
    with pytest.raises(TableWrong, match="no column 'quantity'; did you mean 'quantities'"):
        read(tmp_path, "item,site,quantities\n")


def test_every_difference_is_stated_and_other_sites_are_left_out() -> None:
    erp = {("a", "S1"): 5, ("b", "S1"): 2, ("c", "S2"): 4, ("d", "S2"): 0}
    answer = reconciled(on_hand(("a", "S1", 5), ("b", "S1", 3), ("c", "S2", 1), ("e", "S2", 7), ("a", "S9", 6)), erp)
    assert [tuple(row.values()) for row in answer["rows"]] == [
        ("a", "S1", 5, 5, 0, "AGREES"),
        ("b", "S1", 2, 3, 1, "LEDGER_HAS_MORE"),
        ("c", "S2", 4, 1, -3, "ERP_HAS_MORE"),
        ("d", "S2", 0, 0, 0, "AGREES"),
        ("e", "S2", None, 7, 7, "NOT_IN_FILE"),
    ]
    assert (answer["agree"], answer["differ"]) == (2, 3)
    assert answer["excluded"] == {"units_with_customer": 4, "units_at_sites_not_in_file": 6}
    assert [column["name"] for column in answer["columns"]] == list(answer["rows"][0])


def test_a_site_s_name_is_as_long_as_in_a_scan() -> None:
    with pytest.raises(TableWrong, match="has 130 bytes; a site's name has at most 128"):
        read_quantities(read_bytes("erp.csv", b"item,site,quantity\nsku:A/1," + "é".encode() * 65 + b",1\n"))


def test_what_somebody_sends_is_read_as_a_file_is() -> None:
    assert read_quantities(read_bytes("erp.csv", b"\xef\xbb\xbfitem,site,quantity\r\nsku:A/1,S1,3\r\n")) == {
        ("sku:A/1", "S1"): 3
    }
    for broken in (b"\xff\xfe", b'item,"site', b"item,site,quantity\n" + b'"' + b"x" * 200_000):
        with pytest.raises(FileUnreadable, match=r"erp\.csv cannot be read as a CSV file in UTF-8"):
            read_bytes("erp.csv", broken)
