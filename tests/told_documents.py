"""Documents told of by hand, and what their reports say of each unit."""

from typing import Any

from analytics.documents import document_report
from tests.ledger_rows import LedgerRows

ITEM = "gtin:09506000134352"


def expect(ledger: LedgerRows, document: str, *serials: str, sale: str = "", **place: str) -> None:
    """Tell of a document: its units by serial, the sale they must have had, its site and location."""
    units = [[f"{ITEM}/{serial}", sale] for serial in serials]
    ledger.an_act("DOCUMENT", {"site": "", "location": "", "units": units} | place, subject=document)


def reported(ledger: LedgerRows, document: str) -> dict[str, dict[str, Any]]:
    """Return the rows of a document's report by serial."""
    report = document_report(ledger.warehouse, document)
    assert report is not None
    return {row["unit"].rpartition("/")[2]: row for row in report["units"]}


def statuses(ledger: LedgerRows, document: str) -> dict[str, str]:
    """Return the status of each unit of a document's report by serial."""
    return {serial: row["status"] for serial, row in reported(ledger, document).items()}
