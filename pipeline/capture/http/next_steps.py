"""What to do next, by what was decided: words from a table that people can read and correct."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any, Final, TypedDict

_FILE: Final = "next_steps.toml"


class NextStep(TypedDict):
    """May one go on (YES, NO, ASK, HELD), and what to do in words."""

    proceed: str
    text: str


def next_step(outcome: str, reason: str, step: str) -> NextStep:
    """Return what to do after a decision."""
    table = _table()
    general = table["outcomes"][outcome]
    particular = table["accepted"].get(step, "") if (outcome, reason) == ("ACCEPTED", "NONE") else _reason(reason)
    return {"proceed": general["proceed"], "text": f"{general['text']} {particular}".strip()}


def _reason(reason: str) -> str:
    return str(_table()["reasons"].get(reason, ""))  # a newer worker may give reasons that this process does not know


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads((files("pipeline.capture.http") / _FILE).read_text(encoding="utf-8"))
