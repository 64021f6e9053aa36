import json
from pathlib import Path

import polars as pl
import pytest

from jobs.console_redrive import scan_of
from jobs.one_scan import build_scan
from pipeline.capture import document_name
from pipeline.capture.document_name import one_names, one_names_of
from pipeline.capture.documents import MAX_ID_BYTES, documents_of, read_documents
from pipeline.domain.identifiers.document_name import one_name
from pipeline.domain.unit_key import parse
from pipeline.errors import DocumentWrong

URN = "urn:epc:id:gdti:0614141.06012.1234"
LINK = "https://id.gs1.org/253/06141410601221234"

SPELLINGS = [
    f"asn:{URN}",
    f"asn:{LINK}",
    "asn:https://example.com/some/stem/253/06141410601221234",
    "asn:http://id.gs1.org/253/06141410601221234?linkType=all",
    "asn:HTTPS://ID.GS1.ORG/253/06141410601221234",
    "asn:Https://Example.com/253/06141410601221234",
    "asn:URN:EPC:ID:GDTI:0614141.06012.1234",
    "asn:https://id.gs1.org/gdti/06141410601221234/",
    "asn:https://example.com/party/253/06141410601221234",
]
OTHERS = [
    "", "asn:4711", "asn:", "order:urn:epcglobal:cbv:bt:4012345000016:7", "order:https://example.com/po/7", URN, LINK,
    f"invoice:{URN}", "asn:urn:epc:id:gdti:nonsense", "asn:URN:EPC:ID:GDTI:nonsense", "asn:HTTPS://ID.GS1.ORG/po/7",
    "asn:https://", "asn:http://id.gs1.org", "asn:urn:epc:", "asn:https://x/\ud800", "asn:https://x/253/\ud800",
    "asn:urn:epc:id:giai:0614141.\ud800",
]  # fmt: skip
ELSEWHERE = [
    "order:https://erp.acme.example/company/401/77",
    "order:https://shop.other.example/orders/401/77",
    "order:https://erp.acme.example/ginc/77",
    "order:https://erp.acme.example/8004/77",
    "order:https://erp.acme.example/8010/77",
    "order:https://erp.acme.example/gdti/06141410601221234",
    "order:https://erp.acme.example/253/06141410601231234",  # a wrong check digit
    "order:https://erp.acme.example/253/77",
    "order:https://erp.acme.example/01/80614141123458",
    "order:https://erp.acme.example/01/80614141123458/10/L",
    "order:https://erp.acme.example/01/80614141123458/ser/L",
    "order:https://erp.acme.example/417/0614141000005",
    "order:https://id.gs1.org.acme.example/401/77",
    "order:https://acme@id.gs1.org:8443/401/77",
    "order:https://acme.example/?to=id.gs1.org/401/77",
]
KEYS = [
    "00/106141412345678908", "01/80614141123458/21/6789", "255/061414167890704711", "402/06141411234567890",
    "414/0614141111114", "8003/00614141123452A", "8017/061414112345678902", "8018/061414112345678902",
]  # fmt: skip


@pytest.mark.parametrize("written", SPELLINGS)
def test_a_document_has_one_name_however_it_is_written(written: str) -> None:
    assert one_name(written) == f"asn:{LINK}"


@pytest.mark.parametrize("written", OTHERS)
def test_any_other_name_stays_as_it_is(written: str) -> None:
    assert one_name(written) == written


@pytest.mark.parametrize("written", ELSEWHERE)
def test_what_another_host_may_mean_otherwise_is_no_digital_link(written: str) -> None:
    assert one_name(written) == written


def test_on_the_host_of_gs1_any_key_is_read() -> None:
    assert one_name("order:HTTP://ID.gs1.org/ginc/77") == "order:https://id.gs1.org/401/77"


@pytest.mark.parametrize("key", KEYS)
def test_a_key_whose_check_digit_is_right_is_read_on_any_host(key: str) -> None:
    assert one_name(f"order:https://example.com/stem/{key}") == f"order:https://id.gs1.org/{key}"


def test_columns_of_names_are_read_alike() -> None:
    whole = [name for name in OTHERS if name.isascii()]
    names = [None, *SPELLINGS, *whole, None, *SPELLINGS]
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


def test_each_document_is_named_once_however_many_scans_name_it(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def noted(name: str) -> str:
        asked.append(name)
        return one_name(name)

    monkeypatch.setattr(document_name, "one_name", noted)
    assert one_names([*SPELLINGS[:2] * 50, None, "asn:1"]) == [*[f"asn:{LINK}"] * 100, None, "asn:1"]
    assert sorted(asked) == sorted(SPELLINGS[:2])


LONGER = "urn:epc:id:upui:0614141.012345." + "'" * 28
"""Its link is longer than it is, and than a document's name may be."""
SHORTER = f"https://{'long.' * 20}example/253/06141410601221234"


@pytest.mark.parametrize("column", ["document", "sale"])
def test_it_is_the_one_name_that_must_not_be_too_long(column: str) -> None:
    row = {"document": "rma:1", "unit": "(01)09506000134352(21)A1"}
    assert len(f"rma:{LONGER}".encode()) < MAX_ID_BYTES < len(f"rma:{SHORTER}".encode())
    with pytest.raises(DocumentWrong, match=f"{column} has more than 128 bytes"):
        documents_of([("row", row | {column: f"rma:{LONGER}"})])
    (document,) = documents_of([("row", row | {column: f"rma:{SHORTER}"})])
    assert f"rma:{LINK}" in (document.name, document.units[0].sale)


def test_half_a_character_in_a_file_is_told(tmp_path: Path) -> None:
    file = tmp_path / "asn.json"
    file.write_text(json.dumps({"document": "asn:https://x/\ud800"}))
    with pytest.raises(DocumentWrong, match="document must be a text"):
        read_documents(file)


@pytest.mark.parametrize("written", SPELLINGS)
def test_a_scan_that_a_person_sends_names_its_document_by_its_one_name(written: str) -> None:
    texts = {"site": "S", "document": written}
    assert build_scan(parse("sku:A/B/1"), "RECEIVE", event_time=5, texts=texts)["document"] == f"asn:{LINK}"
    form = {"code": "sku:A/B/1", "step": "RECEIVE", "site": "S", "event_time": "2026-11-02T09:30:00Z"}
    assert scan_of(form | {"document": written})[1]["document"] == f"asn:{LINK}"
