"""The page of what an ERP says is on hand: a file of it compared, and what was stated to the ledger."""

from datetime import datetime
from pathlib import PurePath
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import UploadFile
from starlette.responses import Response

from analytics.answers import Answer
from analytics.console.access import needs
from analytics.console.asked import as_of
from analytics.console.desk import Desk
from analytics.console.downloads import FileFormat, rows_file, sql_file
from analytics.console.rendering import Entry
from analytics.console.reports_view import cell
from analytics.console.users import Visitor
from analytics.erp import AGREES, differences, statements
from analytics.questions import Row
from analytics.reports.reconciliation import STATED, reconciled
from analytics.reports.registry import report_answer
from analytics.tables.cells import read_bytes
from analytics.tables.quantities import Quantities, read_quantities
from pipeline.errors import FileUnreadable, TableWrong
from pipeline.warehouse.client import Warehouse

ENTRIES: Final = tuple[Entry, ...]()
MOST_ROWS: Final = 500
_MOST_NAME: Final = 80


def router(desk: Desk) -> APIRouter:
    """Return the routes; they go before those of reports, which take any name."""
    routes = APIRouter(prefix="/reports/on-hand/erp")
    reads = needs(desk.users)

    @routes.get("")
    async def stated(request: Request, _: Annotated[Visitor, Depends(reads)]) -> Response:
        return _page(desk, request, stated=await desk.asking.run(_stated))

    @routes.post("")
    async def compared(request: Request, _: Annotated[Visitor, Depends(reads)]) -> Response:
        form = await request.form()
        sent, until = form.get("file"), str(form.get("until") or "")
        moment = as_of(until)
        if not isinstance(sent, UploadFile) or not sent.filename:
            return _refused(desk, request, "Choose a CSV file of the ERP\u2019s quantities first.", until)
        name = PurePath(sent.filename.replace("\\", "/")).name[:_MOST_NAME] or "the file"
        try:
            quantities = read_quantities(read_bytes(name, await sent.read()))
        except (TableWrong, FileUnreadable) as wrong:
            return _refused(desk, request, _in_a_sentence(str(wrong)), until)
        answer: Answer = await desk.asking.run(lambda warehouse: _answer(warehouse, quantities, moment))
        rows = _cells(_first(answer["rows"]), answer["columns"])
        return _page(desk, request, answer=answer, rows=rows, file=name, until=until)

    @routes.get("/file.{fmt}")
    async def file(_: Annotated[Visitor, Depends(reads)], fmt: FileFormat) -> Response:
        if fmt is FileFormat.SQL:
            asked = {"now_ms": round(desk.clock() * 1000), "settle_hours": 0.0}
            return sql_file(["reconciliation"], asked, "reconciliation")
        rows = await desk.asking.run(differences)
        return rows_file(rows, [column.name for column in STATED], "reconciliation", fmt)

    return routes


def _answer(warehouse: Warehouse, quantities: Quantities, moment: datetime | None) -> Answer:
    return reconciled(report_answer(warehouse, "on-hand", moment), quantities)


def _stated(warehouse: Warehouse) -> dict[str, Any]:
    """Return the statements there are, how many items at sites differ and agree, and the first of them."""
    rows, columns = differences(warehouse), [column._asdict() for column in STATED]
    agree = sum(row["finding"] == AGREES for row in rows)
    shown = [row | {"as_of": f"{row['as_of']:%Y-%m-%d %H:%M:%S}"} for row in _first(rows)]
    return {
        "statements": statements(warehouse),
        "agree": agree,
        "differ": len(rows) - agree,
        "found": len(rows),
        "columns": columns,
        "rows": _cells(shown, columns),
    }


def _cells(rows: list[Row], columns: list[dict[str, str]]) -> list[list[str]]:
    return [[cell(row[one["name"]], one["unit"]) for one in columns] for row in rows]


def _first(rows: list[Row]) -> list[Row]:
    """Return as many rows as a page shows, those that differ most first."""
    return sorted(rows, key=lambda row: (row["finding"] == AGREES, -abs(row["difference"])))[:MOST_ROWS]


def _page(desk: Desk, request: Request, status: int = 200, **told: Any) -> Response:  # noqa: ANN401  what it shows
    empty: dict[str, Any] = {"answer": None, "rows": [], "file": "", "until": "", "stated": None, "problem": ""}
    return desk.frame.page(request, "erp.html", status=status, **(empty | told))


def _refused(desk: Desk, request: Request, problem: str, until: str) -> Response:
    return _page(desk, request, 400, problem=problem, until=until)


def _in_a_sentence(told: str) -> str:
    """Return what is wrong with a file, the first fault where there are several."""
    head, *faults = told.splitlines()
    sentence = f"{head}: {faults[0]}" if len(faults) == 1 else f"{head}, the first: {faults[0]}" if faults else head
    return sentence if sentence.endswith(".") else f"{sentence}."
