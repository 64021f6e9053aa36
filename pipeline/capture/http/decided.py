"""What was decided of a scan as JSON: the same from a verdict just heard and from a row of the warehouse."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from pipeline.capture.http.answers import moment
from pipeline.capture.http.next_steps import NextStep, next_step

_DECISION: Final = ("outcome", "reason", "state_before", "state_after", "previous_site")
_ROW: Final = ("scan_id", "unit_key", "step", "site", *_DECISION)
_TIMES: Final = ("previous_event_time", "sold_at")
_SOUGHT: Final = ("item", "serial", "step", "site", "scan_id", "reader", "document")
_HELD: Final = ("scan_id", "step", "site", "outcome", "reason", "state_after")

Told = dict[str, Any]


def verdict_told(place: int, verdict: Mapping[str, Any]) -> Told:
    """Return a verdict for who waited for it."""
    scan, decision = verdict["scan"], verdict["decision"]
    key = f"{scan['item']}/{scan['serial']}" if scan["item"] else scan["serial"]
    told = {"index": place, "scan_id": scan["scan_id"], "unit_key": key, "step": scan["step"], "site": scan["site"]}
    told |= {name: decision[name] for name in _DECISION} | {"event_time": moment(scan["event_time"])}
    told |= {name: None if decision[name] is None else moment(decision[name]) for name in _TIMES}
    return told | {"next": _next(scan["step"], decision)}


def row_told(row: Mapping[str, Any]) -> Told:
    """Return a decided scan of a receipt."""
    told = {"index": row["place"], **{name: plain(row[name]) for name in (*_ROW, "event_time", *_TIMES)}}
    return told | {"next": _next(row["step"], row)}


def held_told(row: Mapping[str, Any]) -> Told:
    """Return what is held of a scan that was repeated."""
    told = {name: row[name] for name in _HELD}
    return told | {"event_time": plain(row["event_time"]), "next": _next(row["step"], row)}


def repeated_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a REPEATED scan of a receipt as its verdict said it: `scan` and `decision`, what is held is found by."""
    scan = {name: row[name] for name in _SOUGHT} | {"event_time": round(row["event_time"].timestamp() * 1000)}
    return {"scan": scan, "decision": {name: row[name] for name in ("partition", "ordinal", "reason")}}


def plain(value: Any) -> Any:  # noqa: ANN401  a value of any type
    """Return a value as JSON has it: times as RFC 3339 in UTC."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {name: plain(part) for name, part in value.items()}
    return [plain(part) for part in value] if isinstance(value, list) else value


def _next(step: str, decision: Mapping[str, Any]) -> NextStep:
    what = "RETURN_UNSOLD" if step == "RETURN" and decision["sold_at"] is None else step
    return next_step(decision["outcome"], decision["reason"], what)
