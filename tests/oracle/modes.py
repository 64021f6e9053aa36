"""Modes in words: how a broken rule comes out, for a unit and a site."""

import json
from collections.abc import Iterable
from typing import Any

BLOCKS = (
    "SEEN_AFTER_END", "DUPLICATE_COMMISSION", "ILLEGAL_TRANSITION", "UNKNOWN_UNIT", "RETURN_NOT_SOLD", "ALIAS_LOOP",
    "RECALLED", "STOLEN", "EXPIRED",
)  # fmt: skip
WARNS = (
    "ADOPTED", "IMPOSSIBLE_TRAVEL", "CUSTODY_CONFLICT", "UNKNOWN_SITE", "NOT_EXPECTED", "WRONG_UNIT",
    "RETURN_MISMATCH", "RETIRED_LABEL", "AGGREGATION_BREAK",
)  # fmt: skip
_FOR_EVER = ("SEEN_AFTER_END", "ALIAS_LOOP")
_OUTCOMES = {"observe": "ACCEPTED", "warn": "FLAGGED", "block": "REJECTED"}
_GRAVITY = ("ACCEPTED", "FLAGGED", "REJECTED")


def modes_of(content: str) -> list[dict[str, Any]]:
    """Returns the rows of a load; raises ValueError, KeyError or TypeError where they make no sense."""
    rows = json.loads(content)
    for row in rows:
        if row["rule"] not in {*BLOCKS, *WARNS} - set(_FOR_EVER) or row["mode"] not in _OUTCOMES:
            message = f"no mode {row}"
            raise ValueError(message)
    return list(rows)


def outcome_of(modes: Iterable[dict[str, Any]], rule: str, key: str, site: str) -> str:
    """Returns what comes of a rule broken by a unit at a site: as the most specific row says."""
    concerned = [
        row
        for row in modes
        if row["rule"] == rule and key.startswith(row.get("key_prefix", "")) and row.get("site") in (None, site)
    ]
    if not concerned:
        return "REJECTED" if rule in BLOCKS else "FLAGGED"
    closest = max(concerned, key=lambda row: (len(row.get("key_prefix", "")), row.get("site") is not None))
    return _OUTCOMES[closest["mode"]]


def gravest(told: list[tuple[str, str]]) -> tuple[str, str]:
    """Returns the gravest of what came of the rules broken, of equal ones the first."""
    return max(told, key=lambda one: _GRAVITY.index(one[0]), default=("ACCEPTED", "NONE"))
