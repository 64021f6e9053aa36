"""What an answer of the ledger says in words: why it is empty, what to do, and since when it goes back."""

from collections.abc import Mapping
from typing import Any

_REMOVED = "What was received before {} was removed, on record"
_WHY_LEFT_OUT = {
    "unknown_age": "without this origin (choose another: sold, commissioned or first-seen)",
    "never_at_risk": "seen only before their origin (choose another: first-seen counts from the first scan)",
    "ended_before_from_age": "that had left by the age asked from (choose a lower one)",
}
"""Of units by why they have no life; the other words say which cohort they are not of."""


def removed_said(answer: Mapping[str, Any], what: str = "this starts") -> str:
    """Return since when an answer goes back, where it has `removed_before` and its `reason` does not say so."""
    removed = _removed(answer)
    return f"{removed}: {what} after it." if removed and removed not in answer.get("reason", "") else ""


def of_what_is_left(reason: str, answer: Mapping[str, Any]) -> str:
    """Return why an answer is empty; where something was removed, as what can be said of what is left."""
    removed = _removed(answer)
    return f"{removed}. Of what is left: {reason[:1].lower()}{reason[1:]}" if removed and reason else reason


def why_none(excluded: Mapping[str, int]) -> str:
    """Return why no unit of the ledger counts, by what was left out, and what to do."""
    said = [f"{count:,} {_why_left_out(word)}" for word, count in excluded.items() if count]
    return f"No unit counts: {'; '.join(said) or 'none was seen by a scan that took effect'}."


def _removed(answer: Mapping[str, Any]) -> str:
    before = answer.get("removed_before")
    return _REMOVED.format(before) if before else ""


def _why_left_out(word: str) -> str:
    cohort = word.removeprefix("no_").replace("_", " ")
    return _WHY_LEFT_OUT.get(word) or f"without a known {cohort} (split by something else, or let sites send it)"
