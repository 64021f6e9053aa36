"""The pages of alerts: the list by its filters, one alert with its evidence, and what people do with it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Depends, Form, Path, Query, Request
from starlette.responses import RedirectResponse, Response

from analytics.console.access import needs
from analytics.console.alert_acts import DONE, FROM, NEEDS_REASON, assignee_of, known_acts, shown_by, story_of
from analytics.console.charts import Chart
from analytics.console.desk import Desk
from analytics.console.histories import chart_of, two_histories
from analytics.console.pages.unit import moment_of
from analytics.console.problems import Refused
from analytics.console.reasons import printable_reason
from analytics.console.rendering import Entry, link
from analytics.console.users import Visitor, name_fault
from analytics.console.written import until_written
from analytics.questions import ALL_KNOWN, Row
from pipeline.domain.verdict import ALERT_STATUSES, FINDING_KINDS
from pipeline.wire.alert_kinds import alert_kinds

ENTRIES: Final = (Entry("Alerts", "/alerts", "Watch"),)
STATUSES: Final = {
    "waiting": ["OPEN", "ACKNOWLEDGED"],
    **{status.lower(): [status] for status in ALERT_STATUSES[1:]},
    "all": [],
}
SEVERITIES: Final = ("critical", "warning", "info")
PAGE_ROWS: Final = 100
SCANS_SHOWN: Final = 200
ANY_TIME: Final = {"opened_from_ms": 0, "opened_to_ms": 1 << 62}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_STATEMENTS_SHOWN: Final = 50
_SAYS: Final = "Where the unit was scanned, over time; a triangle marks a scan that contradicts the history before it."

Text = Annotated[str, Query(max_length=256)]
AlertId = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]


def router(desk: Desk) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/alerts")
    reads, operates = needs(desk.users), needs(desk.users, "operator")

    @routes.get("")
    async def listed(  # noqa: PLR0913, PLR0917  one parameter per filter
        request: Request,
        _: Annotated[Visitor, Depends(reads)],
        status: Text = "waiting",
        kind: Text = "",
        severity: Text = "",
        item: Text = "",
        site: Text = "",
        subject: Text = "",
        exact: Text = "",
        opened_from: Annotated[str, Query(alias="from", max_length=64)] = "",
        opened_to: Annotated[str, Query(alias="to", max_length=64)] = "",
        page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    ) -> Response:
        chosen = {"status": status, "kind": kind, "severity": severity, "item": item, "site": site, "subject": subject}
        chosen |= {"exact": "1" if exact else "", "from": opened_from.strip(), "to": opened_to.strip()}
        filters = _filters(chosen)
        rows = await desk.asking.ask("console_alerts", **filters, most=PAGE_ROWS, skip=(page - 1) * PAGE_ROWS)
        if not rows and page > 1:  # those of the last page have been closed meanwhile
            first = await desk.asking.ask("console_alerts", **filters, most=1, skip=0)
            last = -(-first[0]["found"] // PAGE_ROWS) if first else 1
            return RedirectResponse(link("/alerts", page=last, **chosen), 303)
        found = rows[0]["found"] if rows else 0
        told: dict[str, Any] = {"alerts": rows, "found": found, "chosen": chosen, "number": page}
        told["people"] = [user.name for user in desk.users.users()]
        return desk.frame.page(request, "alerts.html", **told, statuses=tuple(STATUSES), page_rows=PAGE_ROWS)

    @routes.get("/{alert_id}")
    async def one(
        request: Request, _: Annotated[Visitor, Depends(reads)], alert_id: AlertId, did: Text = "", result: Text = ""
    ) -> Response:
        alert = await _alert(desk, alert_id)
        acts = await _acts(desk, alert)
        told: dict[str, Any] = {"alert": alert, "kind": alert_kinds()[alert["kind"]], "result": result}
        told |= {"done": DONE.get(did, ""), "assignee": assignee_of(acts)}
        told |= await (_of_finding if alert["kind"] in FINDING_KINDS else _of_unit)(desk, alert)
        told["story"] = story_of(await desk.asking.ask("alert_changes", id=alert_id), acts)
        told["possible"] = [act for act in known_acts() if alert["status"] in FROM[act]]
        told["people"] = [user.name for user in desk.users.users()]
        return desk.frame.page(request, "alert.html", **told)

    @routes.post("/{alert_id}/{act}")
    async def act_on(
        visitor: Annotated[Visitor, Depends(operates)],
        alert_id: AlertId,
        act: str,
        reason: Annotated[str, Form()] = "",
        to: Annotated[str, Form(max_length=256)] = "",
        had: Annotated[list[str], Form()] = [],  # noqa: B006  as FastAPI wants it; never changed
    ) -> Response:
        acts = known_acts()
        if act not in acts:
            raise Refused(404, f"There is no act {act[:40]!r}: it is one of {', '.join(acts)}.")
        given = reason_of(reason, is_needed=act in NEEDS_REASON)
        alert = await _alert(desk, alert_id)
        known = len(await _acts(desk, alert))
        why = {"reason": given, **({"to": assignee(to), **shown_by(had)} if act == "assign" else {})}
        done = await desk.asking.aside(lambda: desk.acts.on_alerts(acts[act], [alert_id], visitor.name, why))
        await _until_written(desk, alert, known)
        return RedirectResponse(link(f"/alerts/{alert_id}", did=act, result=done[0]["result"]), 303)

    return routes


def reason_of(text: str, *, is_needed: bool) -> str:
    """Return a reason as it is kept. Raises: Refused where one is needed and missing, or it cannot be kept."""
    if is_needed and not text.strip():
        raise Refused(400, "Say why: a reason is kept with each close. Go back and fill it in.")
    return printable_reason(text)


def assignee(text: str) -> str:
    """Return a name to assign to, empty for nobody. Raises: Refused where it makes no sense."""
    name = " ".join(text.split())
    if name and (fault := name_fault(name)):
        raise Refused(400, f"{fault} Go back and correct it, or leave it empty for nobody.")
    return name


def _filters(chosen: Mapping[str, str]) -> dict[str, Any]:
    """Return the parameters of the question. Raises: Refused, naming what there is."""
    _check("status", chosen["status"], tuple(STATUSES))
    _check("kind", chosen["kind"], ("", *alert_kinds()))
    _check("severity", chosen["severity"], ("", *SEVERITIES))
    kinds = [
        kind.kind
        for kind in alert_kinds().values()
        if chosen["kind"] in ("", kind.kind) and chosen["severity"] in ("", kind.severity)
    ]
    texts = {name: chosen[name].strip() for name in ("item", "site", "subject")}
    filters = {"statuses": STATUSES[chosen["status"]], "kinds": kinds or ["none of them"], "ids": [], **texts}
    return ANY_TIME | filters | {"is_exact": int(chosen["exact"] == "1")} | _opened(chosen["from"], chosen["to"])


def _opened(since: str, until: str) -> dict[str, int]:
    """Return the span of time, its ends included, within which alerts were opened. Raises: Refused."""
    ends = {"opened_from_ms": moment_of(since), "opened_to_ms": moment_of(until)}
    return {name: _ms(moment) for name, moment in ends.items() if moment is not None}


def _ms(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def _check(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        there = ", ".join(one for one in known if one)
        raise Refused(400, f"{name} is {value[:60]!r}; it is one of {there}.")


async def alerts_by_id(desk: Desk, ids: Sequence[str]) -> dict[str, Row]:
    """Return alerts by their ids. Raises: Refused where one is not there."""
    filters = ANY_TIME | {"statuses": [], "kinds": [], "item": "", "site": "", "subject": "", "is_exact": 0}
    rows = await desk.asking.ask("console_alerts", **filters, ids=list(ids), most=len(ids), skip=0)
    found = {row["id"]: row for row in rows}
    for one in ids:
        if one not in found:
            raise Refused(
                404, f"There is no alert {one}. It may not be in ClickHouse yet; the list shows those that are."
            )
    return found


async def _alert(desk: Desk, alert_id: str) -> Row:
    return (await alerts_by_id(desk, [alert_id]))[alert_id]


async def _acts(desk: Desk, alert: Row) -> list[Row]:
    subject = alert["subject"] if alert["kind"] in FINDING_KINDS else alert["unit_key"]
    return await desk.asking.ask("alert_acts", subject=subject, kind=alert["kind"], opening=alert["opening"])


async def _until_written(desk: Desk, alert: Row, known: int) -> None:
    """Wait a little until the act is in ClickHouse, so that the page shows it; the act itself has been decided."""

    async def is_written() -> bool:
        return len(await _acts(desk, alert)) > known

    await until_written(is_written)


async def _of_unit(desk: Desk, alert: Row) -> dict[str, Any]:
    named = {"item": alert["item"], "serial": alert["serial"]}
    newest = await desk.asking.ask("unit_history", **named, **ALL_KNOWN, most=SCANS_SHOWN + 1)
    told = two_histories(newest[:SCANS_SHOWN][::-1])
    chart = Chart("histories", _SAYS, chart_of(told), "mid") if told else None
    return {"scans": told, "is_cut": len(newest) > SCANS_SHOWN, "chart": chart, "statements": []}


async def _of_finding(desk: Desk, alert: Row) -> dict[str, Any]:
    named = {"subject": alert["subject"], "kind": alert["kind"]}
    statements = await desk.asking.ask("alert_findings", **named, most=_STATEMENTS_SHOWN)
    return {"scans": [], "is_cut": False, "chart": None, "statements": [_read(row) for row in statements]}


def _read(statement: Row) -> Row:
    """Return a statement with its evidence as pairs: names as words, values as text."""
    try:
        evidence = orjson.loads(statement["evidence"] or "{}")
    except orjson.JSONDecodeError:
        evidence = {}
    pairs = evidence.items() if isinstance(evidence, dict) else [("evidence", evidence)]
    return statement | {"pairs": [(name.replace("_", " "), str(value)) for name, value in pairs]}
