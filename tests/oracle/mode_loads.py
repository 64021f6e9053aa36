"""Modes as loads bring them: general and special rows over each other, an empty table, rows that are none."""

import json

from tests.oracle.choose import Chooser
from tests.oracle.modes import BLOCKS, WARNS

_RULES = tuple(rule for rule in (*BLOCKS, *WARNS) if rule not in ("SEEN_AFTER_END", "ALIAS_LOOP"))
_PREFIXES = (
    "",
    "",
    "sku:",
    "sku:ACME/PUMP",
    "asset:",
    "gtin:0950",
    "imei:4",
    "sscc:",
    "sscc:106141412345678908",
    "no:",
)
_SITES = (None, None, None, None, None, None, None, None, "berlin", "kiosk", "munich", "never named", "Łódź")
_BAD = ("SEEN_AFTER_END", "ALIAS_LOOP", "REDELIVERED", "SPEEDING")


def mode_rows(choose: Chooser) -> tuple[str, bool]:
    """Returns the content of a load and whether it is sound."""
    rows = {}
    for _ in range(choose.pick((6, 12, 30, 60, 0))):
        row = {"rule": choose.pick(_RULES), "mode": choose.pick(("observe", "warn", "block"))}
        prefix, site = choose.pick(_PREFIXES), choose.pick(_SITES)
        row |= {"key_prefix": prefix} if prefix else {}
        row |= {"site": site} if site is not None else {}
        rows[row["rule"], prefix, site] = row
    table = list(rows.values())
    is_good = not choose.chance(8)
    return json.dumps(table if is_good else [*table, {"rule": choose.pick(_BAD), "mode": "warn"}]), is_good
