"""What is sent: the JSON of a webhook, and the same in words for mail and chat.

Flow: an alert's record, the event -> Message; its body -> title and text.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote, urlencode

from pipeline.notify.event import Alert
from pipeline.wire.alert_kinds import alert_kinds

_SHOWN: Final = ("opening", "status", "count", "author", "reason")
_MOST_TEXT: Final = 300
"""Characters of a text that a site or a person chose, in a title or a line."""


def alert_body(record: Mapping[str, Any], alert: Alert, event: str, console: str) -> dict[str, Any]:
    """Return the body that tells of an event of one alert, but for its delivery's own id, route and recipient."""
    known = alert_kinds().get(alert.kind)
    told: dict[str, Any] = {"id": alert.id, "subject": alert.subject, "kind": alert.kind, "severity": alert.severity}
    told |= {name: record[name] for name in _SHOWN} | {"site": alert.site}
    told |= {"event_time": _iso(record["event_time"]), "received_at": _iso(record["received_at"])}
    told |= {"says": known.says if known else "", "to_do": known.to_do if known else ""}
    return {"event": event, "alert": told, "link": f"{console}/alerts/{quote(alert.id, safe='')}" if console else None}


def summary_body(event: str, kind: str, site: str, told: Mapping[str, int], console: str) -> dict[str, Any]:
    """Return the body that stands for many.

    Args:
        event: what happened to each of them.
        kind: theirs.
        site: theirs, perhaps none.
        told: count, and the first and last time in ms at which they were received: `count`, `first_ms`, `last_ms`.
        console: address that the link begins with.
    """
    since, until = _iso(told["first_ms"]), _iso(told["last_ms"])
    asked = {"kind": kind, "site": site, "from": since, "to": until, "exact": "1" if site else ""}
    if event != "opened":  # the list is by when alerts were opened
        asked |= {"from": "", "to": ""}
    query = urlencode({name: value for name, value in asked.items() if value})
    known = alert_kinds().get(kind)
    summary = {"of": event, "kind": kind, "site": site, "count": told["count"], "from": since, "to": until}
    summary |= {"severity": known.severity if known else "warning", "says": known.says if known else ""}
    return {"event": "summary", "summary": summary, "link": f"{console}/alerts?{query}" if console else None}


def encoded(body: Mapping[str, Any], delivery: str, route: str, recipient: str) -> str:
    """Return a body as it is kept and sent: the same bytes at every attempt."""
    named = {"delivery": delivery, "route": route, "recipient": recipient}
    return json.dumps(named | dict(body), ensure_ascii=False, separators=(",", ":"))


def trial_body() -> dict[str, Any]:
    """Return the body of a trial."""
    return {"event": "trial", "text": "A trial: alerts that take this route will come here.", "link": None}


def words_of(body: Mapping[str, Any]) -> tuple[str, str]:
    """Return title and text for people."""
    of_event = {"summary": _of_summary, "trial": _of_trial}
    title, lines = of_event.get(body["event"], _of_alert)(body)
    link = [body["link"]] if body.get("link") else []
    return title, "\n".join([*lines, *link, f"(delivery {body['delivery']})"])


def _of_trial(body: Mapping[str, Any]) -> tuple[str, list[str]]:
    return f"[trial] route {body['route']}, to {body['recipient']}", [body["text"]]


def _of_summary(body: Mapping[str, Any]) -> tuple[str, list[str]]:
    told = body["summary"]
    at = f" at {_short(told['site'])}" if told["site"] else ""
    title = f"[{told['severity']}] {told['count']:,} more alerts {told['kind']} {told['of']}{at}"
    return title, [told["says"], f"between {told['from']} and {told['to']}", _listing(told)]


def _listing(told: Mapping[str, Any]) -> str:
    return f"scanledger alerts list --kind {told['kind']}"


def _of_alert(body: Mapping[str, Any]) -> tuple[str, list[str]]:
    told = body["alert"]
    lines = [told["says"], told["to_do"] if told["status"] == "OPEN" else ""]
    for name in ("subject", "site", "event_time", "count", "author", "reason", "id"):
        lines.append(f"{name}: {_short(str(told[name]))}" if told[name] not in (None, "") else "")
    title = f"[{told['severity']}] {told['kind']} {body['event']}: {_short(told['subject'])}"
    return title, [line for line in lines if line]


def _short(text: str) -> str:
    """Return a text in one line, cut where it is long: sites and persons chose it."""
    line = "".join(one if one.isprintable() else " " for one in text)
    return line if len(line) <= _MOST_TEXT else f"{line[:_MOST_TEXT]}…"


def _iso(ms: int | None) -> str | None:
    return None if ms is None else datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds")
