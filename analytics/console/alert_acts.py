"""What people may do with an alert, and what they did: each act with who was first where one came too late."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from analytics.console.wording import words
from analytics.questions import Row
from pipeline.wire.schemas import catalogue

ASSIGN: Final = "ALERT_ASSIGN"
ACTS: Final = {
    "acknowledge": "ALERT_ACKNOWLEDGE",
    "assign": ASSIGN,
    "close": "ALERT_CLOSE",
    "reopen": "ALERT_REOPEN",
}
"""By the word in a path."""
FROM: Final = {
    "acknowledge": frozenset({"OPEN"}),
    "assign": frozenset({"OPEN", "ACKNOWLEDGED"}),
    "close": frozenset({"OPEN", "ACKNOWLEDGED"}),
    "reopen": frozenset({"CLOSED"}),
}
"""From which status each makes sense."""
NEEDS_REASON: Final = frozenset({"close"})
_HAD: Final = "had "
_MOST_NAME_BYTES: Final = 128  # as the ledger takes them
DONE: Final = {"acknowledge": "Acknowledged", "assign": "Assigned", "close": "Closed", "reopen": "Opened again"}


def known_acts() -> dict[str, str]:
    """Return the acts that a record of this ledger's `internal` can say, by their words."""
    (kind,) = (one["type"] for one in catalogue().schema("internal")["fields"] if one["name"] == "kind")
    return {word: act for word, act in ACTS.items() if act in kind["symbols"]}


def assignee_of(acts: Sequence[Row]) -> str:
    """Return who looks after an alert by its acts, empty where nobody does."""
    given = [str(act["assignee"]) for act in acts if act["act"] == ASSIGN and act["result"] == "APPLIED"]
    return given[-1] if given else ""


def shown_by(had: Sequence[str]) -> dict[str, str]:
    """Return what an assignment says, besides to whom, of who had its alerts: for `more` of `Acts.on_alerts`.

    Args:
        had: what a form showed: an alert's id, a space and who had it, nothing where nobody did.
    """
    told = (one.partition(" ") for one in had)
    return {f"{_HAD}{alert}": name.encode()[:_MOST_NAME_BYTES].decode(errors="ignore") for alert, _, name in told}


def known_by(more: Mapping[str, str]) -> dict[str, str]:
    """Return who had alerts as a form showed it, by their ids, of what `shown_by` put into `more`."""
    return {key.removeprefix(_HAD): name for key, name in more.items() if key.startswith(_HAD)}


@dataclass(frozen=True)
class Told:
    """A line of an alert's story: what happened, when, by whom; of an act that came too late, who was first."""

    at: datetime
    what: str
    who: str
    reason: str
    result: str = ""
    first: str = ""


def story_of(changes: Sequence[Row], acts: Sequence[Row]) -> list[Told]:
    """Return changes and acts in the order of the ledger; an applied act and the change it made are one line."""
    by_act = {act["ordinal"]: act for act in acts}
    lines = [(row["ordinal"], _of_change(row, by_act.get(row["ordinal"]))) for row in changes]
    changed = {row["ordinal"] for row in changes}
    for act in acts:
        if act["ordinal"] not in changed:
            lines.append((act["ordinal"], _of_act(act, changes)))
    return [line for _, line in sorted(lines, key=lambda pair: pair[0])]


def _of_change(row: Row, act: Row | None) -> Told:
    if act is None:
        return Told(row["received_at"], words(row["event"]), row["author"], row["reason"])
    return Told(row["received_at"], words(row["event"]), act["author"], act["reason"], act["result"])


def _of_act(act: Row, changes: Sequence[Row]) -> Told:
    what = words(act["act"].removeprefix("ALERT_"))
    if act["act"] == ASSIGN:
        what = f"{what} to {act['assignee'] or 'nobody'}"
    first = ""
    if act["result"] != "APPLIED":
        first = str(act["why"]) if act["act"] == ASSIGN else _first(act, changes)
    return Told(act["received_at"], what, act["author"], act["reason"], act["result"], first)


def _first(act: Row, changes: Sequence[Row]) -> str:
    """Return what had happened before an act that therefore did nothing."""
    before = [row for row in changes if row["ordinal"] < act["ordinal"]]
    if not before:
        return "the alert was not there yet"
    last = before[-1]
    who = last["author"] or "the ledger"
    return f"{who} was first: {words(last['event']).lower()} at {last['received_at']:%Y-%m-%d %H:%M:%S}"
