import polars as pl
import pytest

from pipeline.capture.document_name import one_name, one_names, one_names_of
from pipeline.capture.documents import documents_of

URN = "urn:epc:id:gdti:0614141.06012.1234"
LINK = "https://id.gs1.org/253/06141410601221234"

SPELLINGS = [
    f"asn:{URN}",
    f"asn:{LINK}",
    "asn:https://example.com/some/stem/253/06141410601221234",
    "asn:http://id.gs1.org/253/06141410601221234?linkType=all",
]
OTHERS = [
    "", "asn:4711", "asn:", "order:urn:epcglobal:cbv:bt:4012345000016:7", "order:https://example.com/po/7", URN, LINK,
    f"invoice:{URN}", "asn:urn:epc:id:gdti:nonsense",
]  # fmt: skip


@pytest.mark.parametrize("written", SPELLINGS)
def test_a_document_has_one_name_however_it_is_written(written: str) -> None:
    assert one_name(written) == f"asn:{LINK}"


@pytest.mark.parametrize("written", OTHERS)
def test_any_other_name_stays_as_it_is(written: str) -> None:
    assert one_name(written) == written


def test_columns_of_names_are_read_alike() -> None:
    names = [None, *SPELLINGS, *OTHERS, None, *SPELLINGS]
    expected = [name and one_name(name) for name in names]
    assert one_names(names) == expected
    assert one_names_of(pl.Series(names, dtype=pl.String)).to_list() == expected
    assert one_names_of(pl.Series([None, "asn:1"], dtype=pl.String)).to_list() == [None, "asn:1"]


def test_rows_of_one_document_under_two_spellings_are_one_document() -> None:
    units = ("(01)09506000134352(21)A1", "(01)09506000134352(21)A2")
    rows = [("row", {"document": name, "unit": unit}) for name, unit in zip(SPELLINGS, units, strict=False)]
    (document,) = documents_of(rows)
    assert (document.name, [unit.key for unit in document.units]) == (
        f"asn:{LINK}", ["gtin:09506000134352/A1", "gtin:09506000134352/A2"],
    )  # fmt: skip


def test_a_sale_has_its_one_name_too() -> None:
    row = {"document": "rma:1", "unit": "(01)09506000134352(21)A1", "sale": f"order:{URN}"}
    (document,) = documents_of([("row", row)])
    assert document.units[0].sale == f"order:{LINK}"
