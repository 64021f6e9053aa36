"""The page Sites: when each sent its last scan, its readers, its rejections, which are silent."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from analytics.console.access import needs
from analytics.console.charts import Chart
from analytics.console.desk import Desk
from analytics.console.plots.days import days_plot
from analytics.console.problems import Refused
from analytics.console.rendering import Entry
from analytics.console.users import Visitor

ENTRIES: Final = (Entry("Sites", "/sites", "Units"),)
DAYS: Final = (1, 7, 30, 365)
USUAL_DAYS: Final = 7
_DAY_MS: Final = 86_400_000
_MOST: Final = 200


def router(desk: Desk) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()

    @routes.get("/sites")
    async def listed(
        request: Request, _: Annotated[Visitor, Depends(needs(desk.users))], days: Annotated[str, Query()] = ""
    ) -> Response:
        many = _days(days)
        rows = await desk.asking.ask("sites_seen", **_time(desk, many))
        alerts = await _alerts(desk)
        sites = [row | {"alerts": alerts.get(row["site"], [])} for row in rows]
        sites.sort(key=lambda site: (not site["alerts"], not site["scans"], -_share(site), site["site"]))
        return desk.frame.page(request, "sites.html", sites=sites, days=many, all_days=DAYS)

    @routes.get("/sites/site")
    async def one(
        request: Request,
        _: Annotated[Visitor, Depends(needs(desk.users))],
        name: Annotated[str, Query(max_length=256)] = "",
        days: Annotated[str, Query()] = "",
    ) -> Response:
        many = _days(days)
        asked = _time(desk, many) | {"site": name}
        by_day = await desk.asking.ask("site_days", **asked)
        alerts = (await _alerts(desk)).get(name, [])
        if not by_day and not alerts:
            await _check(desk, name)
        told: dict[str, Any] = {
            "name": name,
            "days": many,
            "all_days": DAYS,
            "by_day": _by_day(by_day),
            "chart": Chart("days", "Scans received by day, by what was made of them.", days_plot(by_day)),
            "readers": await desk.asking.ask("site_readers", **asked, most=_MOST),
            "reasons": await desk.asking.ask("site_reasons", **asked),
            "alerts": alerts,
        }
        return desk.frame.page(request, "site.html", **told)

    return routes


def _days(text: str) -> int:
    if not text.strip():
        return USUAL_DAYS
    if text not in map(str, DAYS):
        raise Refused(400, f"days: {text[:20]!r} is none of {', '.join(map(str, DAYS))}.")
    return int(text)


def _time(desk: Desk, days: int) -> dict[str, int]:
    now_ms = int(desk.clock() * 1000)
    return {"since_ms": now_ms - days * _DAY_MS, "now_ms": now_ms}


async def _alerts(desk: Desk) -> dict[str, list[dict[str, Any]]]:
    """Return the open alerts of sites, by their site."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in await desk.asking.ask("site_alerts"):
        found.setdefault(row["site"], []).append(row)
    return found


async def _check(desk: Desk, name: str) -> None:
    """Raise Refused where no site of this name ever sent a scan or is in a site table."""
    known = await desk.asking.ask("sites_seen", **_time(desk, 0))
    if name not in {row["site"] for row in known}:
        raise Refused(404, f"There is no site {name[:60]!r}: the page Sites lists all.")


def _share(site: dict[str, Any]) -> float:
    return site["rejected"] / site["scans"] if site["scans"] else 0.0


def _by_day(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return one row per day, the newest first, with the scans of each outcome."""
    days: dict[Any, dict[str, int]] = {}
    for row in rows:
        days.setdefault(row["day"], {})[row["outcome"]] = row["scans"]
    return [{"day": day, "outcomes": days[day], "scans": sum(days[day].values())} for day in sorted(days, reverse=True)]
