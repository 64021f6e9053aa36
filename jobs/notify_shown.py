"""Routes and deliveries as rows for people and programs; no address and no secret is among them."""

from datetime import UTC, datetime
from typing import Any, Final

from pipeline.notify.routes import Recipient, Route, Routes

COLUMNS: Final = ("id", "event", "kind", "subject", "route", "recipient", "state", "attempts", "detail", "due_at")
MORE_COLUMNS: Final = ("severity", "site", "code", "changed_at", "alert")
"""For programs."""
Row = dict[str, Any]


def shown(row: Row) -> Row:
    """Return a delivery of the outbox with its times as times."""
    return row | {"due_at": _moment(row["due_ms"]), "changed_at": _moment(row["changed_ms"])}


def route_rows(routes: Routes) -> list[Row]:
    """Return one row per route."""
    return [_route(route, routes) for route in routes.routes]


def _route(route: Route, routes: Routes) -> Row:
    quiet, later = route.quiet, route.escalate
    return {
        "route": route.name,
        "kinds": ", ".join(route.kinds) or "all",
        "severities": ", ".join(route.severities) or "all",
        "items": ", ".join(route.items) or "all",
        "sites": ", ".join(route.sites) or "all",
        "events": ", ".join(route.events),
        "to": ", ".join(f"{name} ({_way(routes.recipients[name])})" for name in route.to),
        "quiet": f"{quiet.begin:%H:%M} to {quiet.end:%H:%M} {quiet.zone.key}" if quiet else "",
        "escalates": f"after {later.after_minutes:g} min to {', '.join(later.to)}" if later else "",
    }


def _way(recipient: Recipient) -> str:
    """Return how a recipient is reached: webhook, or the scheme of its URL, which is no secret."""
    if recipient.apprise is None:
        return "webhook"
    return recipient.apprise.get_secret_value().partition("://")[0]


def _moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
