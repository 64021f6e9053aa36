"""The page Reports: every registered report with its chart, its table and its files."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from analytics.answers import Answer
from analytics.console.access import needs
from analytics.console.asked import as_of
from analytics.console.desk import Desk
from analytics.console.downloads import FileFormat, declared, rows_file, text_file
from analytics.console.problems import Refused
from analytics.console.rendering import Entry
from analytics.console.reports_view import cell, chart_of
from analytics.console.users import Visitor
from analytics.erp import statements
from analytics.lifetimes import LedgerEnd, ledger_end, parameters
from analytics.questions import question
from analytics.reasons import removed_said
from analytics.reports.registry import options_of, report_answer, report_named, reports
from analytics.reports.report import Report
from analytics.reports.stock import stock_sql
from analytics.reports.time_to_return import lives_asked

ENTRIES: Final = (Entry("Reports", "/reports", "Answers"),)
MOST_ROWS: Final = 500
_OF_STOCK: Final = ("ageing", "dead_stock", "on_hand")


def router(desk: Desk) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(dependencies=[Depends(needs(desk.users))])

    @routes.get("/reports")
    async def listed(request: Request, _: Annotated[Visitor, Depends(needs(desk.users))]) -> Response:
        return desk.frame.page(request, "reports.html", reports=reports())

    @routes.get("/reports/{name}")
    async def one(  # noqa: PLR0913, PLR0917  one parameter of an address each
        request: Request,
        _: Annotated[Visitor, Depends(needs(desk.users))],
        name: str,
        until: Annotated[str, Query(max_length=40)] = "",
        days: Annotated[str, Query(max_length=10)] = "",
        like: Annotated[str, Query(max_length=200)] = "",
    ) -> Response:
        report, moment = _named(name), as_of(until)
        options = _options(report, days)
        answer = await desk.asking.run(lambda warehouse: report_answer(warehouse, name, moment, options))
        rows = [row for row in answer["rows"] if _has(row, like)]
        shown: dict[str, Any] = {
            "report": report,
            "answer": answer,
            "removed_said": removed_said(answer, "the report starts"),
            "rows": [[cell(row[one["name"]], one["unit"]) for one in answer["columns"]] for row in rows[:MOST_ROWS]],
            "found": len(rows),
            "chart": chart_of(answer | {"rows": rows}),
            "until": until.strip(),
            "days": options.get("days", ""),
            "like": like.strip(),
            "reports": reports(),
            "statements": await desk.asking.run(statements) if name == "on-hand" else [],
        }
        return desk.frame.page(request, "report.html", **shown)

    @routes.get("/reports/{name}/file.{fmt}")
    async def file(
        name: str,
        fmt: FileFormat,
        until: Annotated[str, Query(max_length=40)] = "",
        days: Annotated[str, Query(max_length=10)] = "",
        like: Annotated[str, Query(max_length=200)] = "",
    ) -> Response:
        report, moment = _named(name), as_of(until)
        options = _options(report, days)
        if fmt is FileFormat.SQL and like.strip():
            raise Refused(400, "like: the SQL asks for all rows; leave it out, or take the CSV or the Parquet file.")
        if fmt is FileFormat.SQL:
            end = await desk.asking.run(lambda warehouse: ledger_end(warehouse, moment))
            return text_file(_sql(report, end, options), report.name, fmt)
        answer: Answer = await desk.asking.run(lambda warehouse: report_answer(warehouse, name, moment, options))
        rows = [row for row in answer["rows"] if _has(row, like)]
        return rows_file(rows, [one["name"] for one in answer["columns"]], report.name, fmt)

    return routes


def _named(name: str) -> Report:
    try:
        return report_named(name)
    except KeyError as fault:
        raise Refused(404, f"{fault.args[0]}: the page Reports lists all.") from fault


def _options(report: Report, days: str) -> dict[str, int]:
    if not days.strip() or not report.options:
        return {}
    try:
        options = {"days": int(days)}
        options_of(report, options)
    except ValueError as fault:
        least, most = report.options[0].least, report.options[0].most
        raise Refused(400, f"days: {days[:10]!r} is no whole number from {least} to {most:,}.") from fault
    return options


def _has(row: dict[str, Any], like: str) -> bool:
    wanted = like.strip().lower()
    return not wanted or any(isinstance(value, str) and wanted in value.lower() for value in row.values())


def _sql(report: Report, end: LedgerEnd, options: dict[str, int]) -> str:
    """Return the report's question, with the values of its parameters in front."""
    sql = stock_sql(report.sql) if report.sql in _OF_STOCK else question(report.sql)
    given = parameters(lives_asked(end.data_end), end, every=False) | options_of(report, options)
    about = f"-- {report.title}\n-- The view {report.view} shows the same for the whole ledger. Its question:\n"
    return f"{about}{declared(sql, given)}{sql}"
