"""The page Documents and counts, where a document's name is written in another way than the ledger knows it by."""

from typing import Any

import pytest

from analytics import documents
from tests.unit.console.desks import Office

LINK = "rma:https://id.gs1.org/253/06141410601221234"
UNIT: dict[str, Any] = dict.fromkeys(("present", "sale", "last_seen", "outcome", "reason", "site", "first_seen"))
UNIT |= {"unit": "sku:A/B/1", "is_expected": True, "is_carrier": False, "is_wrong": False, "scans": 0, "containers": []}


def answered(_: object, question: str, **parameters: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    """Answers as the tables would where a return was told of under LINK."""
    head = {"document": LINK, "site": "", "location": "", "author": "ada", "told_at": None}
    rows = {"document": [head], "document_units": [UNIT]}
    return rows.get(question, []) if parameters["document"] == LINK else []


@pytest.fixture
def console(opened: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setattr(opened.told, "_open_warehouse", lambda: None)
    monkeypatch.setattr(documents, "ask", answered)
    return opened


@pytest.mark.parametrize(
    "written", [LINK, " rma:urn:epc:id:gdti:0614141.06012.1234", "rma:HTTPS://a.example/253/06141410601221234?x=1 "]
)
def test_a_document_is_shown_under_its_one_name_however_it_is_asked_for(console: Office, written: str) -> None:
    client = console.client("analyst")
    page = client.get("/documents", params={"id": written})
    assert (page.status_code, LINK in page.text, "sku:A/B/1" in page.text) == (200, True, True)
    head, row = client.get("/documents/units.csv", params={"id": written}).text.splitlines()
    assert head.endswith("sale,sold_under")
    assert row.startswith("sku:A/B/1,missing")
