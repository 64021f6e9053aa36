"""One act on several alerts: acknowledged, assigned or closed together, and what became of each."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response

from analytics.console.access import needs
from analytics.console.alert_acts import DONE, NEEDS_REASON, known_acts, shown_by, story_of
from analytics.console.desk import Desk
from analytics.console.pages.alerts import PAGE_ROWS, alerts_by_id, assignee, reason_of
from analytics.console.problems import Refused
from analytics.console.rendering import Entry
from analytics.console.users import Visitor
from analytics.console.written import until_written
from analytics.questions import Row
from pipeline.domain.verdict import FINDING_KINDS

ENTRIES: Final = tuple[Entry, ...]()
ON_SEVERAL: Final = ("acknowledge", "assign", "close")
FILTERS: Final = {
    **{name: name for name in ("status", "kind", "severity", "item", "site", "exact", "subject", "from", "page")},
    "opened_to": "to",  # the form's own `to` is whom to assign to
}
"""Fields of the form, and the filters of the list that they keep."""
_ID_CHARACTERS: Final = 32
_PARTITION_BITS: Final = 44


def router(desk: Desk) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()

    @routes.post("/alerts/several")
    async def act_on_several(
        request: Request,
        visitor: Annotated[Visitor, Depends(needs(desk.users, "operator"))],
        alert: Annotated[list[str], Form()] = [],  # noqa: B006  as FastAPI wants it; never changed
        act: Annotated[str, Form(max_length=40)] = "",
        reason: Annotated[str, Form()] = "",
        to: Annotated[str, Form(max_length=256)] = "",
        had: Annotated[list[str], Form()] = [],  # noqa: B006  as FastAPI wants it; never changed
    ) -> Response:
        acts = known_acts()
        if act not in ON_SEVERAL or act not in acts:
            raise Refused(404, f"There is no act {act[:40]!r} on several alerts: it is one of {', '.join(ON_SEVERAL)}.")
        ids = chosen(alert)
        why = {"reason": reason_of(reason, is_needed=act in NEEDS_REASON)}
        why |= {"to": assignee(to)} | shown_by(had) if act == "assign" else {}
        before = await alerts_by_id(desk, ids)
        done = await desk.asking.aside(lambda: desk.acts.on_alerts(acts[act], ids, visitor.name, why))
        await _until_written(desk, done)
        rows = await asyncio.gather(*(_told(desk, before[row["id"]], row) for row in done))
        form = await request.form()
        back = {name: str(form[field]) for field, name in FILTERS.items() if form.get(field)}
        told: dict[str, Any] = {"rows": rows, "done": DONE[act], "back": back, "act": act, "to": why.get("to", "")}
        return desk.frame.page(request, "alerts_done.html", **told)

    return routes


def chosen(ids: Sequence[str]) -> list[str]:
    """Return the alerts that somebody chose, each once. Raises: Refused for none, too many, or what is no id."""
    found = list(dict.fromkeys(ids))
    if not found:
        raise Refused(400, "No alert is chosen, so nothing was done. Go back and tick those that are meant.")
    if len(found) > PAGE_ROWS:
        raise Refused(400, f"At most {PAGE_ROWS} alerts at once, and these are {len(found)}: nothing was done.")
    wrong = [one for one in found if len(one) != _ID_CHARACTERS or set(one) - set("0123456789abcdef")]
    if wrong:
        raise Refused(400, f"{wrong[0][:40]!r} is no alert's id, so nothing was done. Choose from the list.")
    return found


async def _told(desk: Desk, alert: Row, done: Row) -> Row:
    """Return an alert with what became of the act on it; of one that came too late, who was first."""
    first = ""
    if done["result"] != "APPLIED":
        subject = alert["subject"] if alert["kind"] in FINDING_KINDS else alert["unit_key"]
        named = {"subject": subject, "kind": alert["kind"], "opening": alert["opening"]}
        changes, acts = await asyncio.gather(
            desk.asking.ask("alert_changes", id=alert["id"]), desk.asking.ask("alert_acts", **named)
        )
        first = next((line.first for line in reversed(story_of(changes, acts)) if line.first), done["reason"])
    return alert | {"result": done["result"], "first": first}


async def _until_written(desk: Desk, done: Sequence[Row]) -> None:
    """Wait a little until the acts are in ClickHouse, so that pages show them; they have been decided."""
    places = [(row["partition"] << _PARTITION_BITS) + row["ordinal"] for row in done]
    first = min(row["ordinal"] for row in done)

    async def are_written() -> bool:
        rows = await desk.asking.ask("acts_written", first=first, places=places)
        return bool(rows) and rows[0]["written"] >= len(places)

    await until_written(are_written)
