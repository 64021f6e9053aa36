"""The page Documents and counts: what a document expected against what was scanned under it."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from analytics.console.access import needs
from analytics.console.desk import Desk
from analytics.console.downloads import FileFormat, rows_file
from analytics.console.problems import Refused
from analytics.console.rendering import Entry
from analytics.console.users import Visitor
from analytics.documents import STEPS, VARIANCES, columns_of, document_report

ENTRIES: Final = (Entry("Documents and counts", "/documents", "Units"),)
MOST_CHARACTERS: Final = 256
MOST_UNITS: Final = 500
MOST_LISTED: Final = 100
_LATELY_MS: Final = 30 * 86_400_000


def router(desk: Desk) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(dependencies=[Depends(needs(desk.users))])

    @routes.get("/documents")
    async def document(
        request: Request,
        _: Annotated[Visitor, Depends(needs(desk.users))],
        id: Annotated[str, Query(max_length=MOST_CHARACTERS)] = "",  # noqa: A002  as it stands in the address
        show: Annotated[str, Query(max_length=10)] = "",
    ) -> Response:
        name, since = id.strip(), int(desk.clock() * 1000) - _LATELY_MS
        recent = await desk.asking.ask("documents_recent", since_ms=since, most=MOST_LISTED + 1)
        report = await _report(desk, name) if name else None
        told = {
            "name": name,
            "report": report,
            "recent": recent[:MOST_LISTED],
            "kinds": tuple(STEPS),
            "every": show == "all",
        }
        told["is_cut"] = len(recent) > MOST_LISTED
        status = 404 if name and report is None else 200
        return desk.frame.page(request, "documents.html", status=status, **told, **_units(report, show == "all"))

    @routes.get("/documents/units.{fmt}")
    async def file(fmt: FileFormat, id: Annotated[str, Query(max_length=MOST_CHARACTERS)] = "") -> Response:  # noqa: A002
        report = await _report(desk, id.strip())
        if report is None or fmt is FileFormat.SQL:
            raise Refused(
                404, f"There is no such file of {id[:60]!r}: the page Documents and counts shows what there is."
            )
        return rows_file(report["units"], columns_of(report["document"]), "document", fmt)

    return routes


async def _report(desk: Desk, name: str) -> dict[str, Any] | None:
    return await desk.asking.run(lambda warehouse: document_report(warehouse, name))


def _units(report: dict[str, Any] | None, every: bool) -> dict[str, Any]:
    """Return the units shown: those that somebody must look at first, the others where all are asked for."""
    if report is None:
        return {"units": [], "shown_of": 0, "variances": VARIANCES, "is_count": False, "differing": 0}
    differing = [unit for unit in report["units"] if unit["status"] in VARIANCES]
    others = [unit for unit in report["units"] if unit["status"] not in VARIANCES] if every else []
    units = differing + others
    return {
        "units": units[:MOST_UNITS],
        "shown_of": len(units),
        "variances": VARIANCES,
        "is_count": report["document"].startswith("count:"),
        "differing": len(differing),
    }
