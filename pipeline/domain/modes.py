"""Modes: whether a broken rule is only observed, warned of or blocks, by rule, beginning of the unit key and site.

Flow: TOML or JSON -> rows of modes, checked; mode_table makes of them what the fold reads.
"""

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from pipeline.domain.verdict import REASONS
from pipeline.errors import RulesWrong

MODES: Final = ("observe", "warn", "block")
BLOCKING_RULES: Final = (
    "DUPLICATE_COMMISSION", "ILLEGAL_TRANSITION", "UNKNOWN_UNIT", "RETURN_NOT_SOLD", "RECALLED", "STOLEN", "EXPIRED",
)  # fmt: skip
"""Rules that block where no mode says otherwise."""
WARNING_RULES: Final = (
    "ADOPTED", "IMPOSSIBLE_TRAVEL", "CUSTODY_CONFLICT", "UNKNOWN_SITE", "NOT_EXPECTED", "WRONG_UNIT",
    "RETURN_MISMATCH", "RETIRED_LABEL", "AGGREGATION_BREAK",
)  # fmt: skip
"""Rules that warn where no mode says otherwise."""
RULES: Final = BLOCKING_RULES + WARNING_RULES

MAX_ROWS: Final = 1_000
MAX_PREFIX_BYTES: Final = 256
MAX_SITE_BYTES: Final = 128  # as of a site in a scan
_KEYS: Final = ("rule", "key_prefix", "site", "mode")
_JSON: Final = re.compile(r"\s*(\{|\[\s*[{\]])")
_NO_MODE: Final = {
    "SEEN_AFTER_END": "nothing happens to a unit after its end",
    "ALIAS_LOOP": "a unit cannot be its own alias",
}
_EXAMPLE: Final = (
    '[[mode]] with rule = "WRONG_UNIT", mode = "block" and perhaps key_prefix = "gtin:0950", site = "shop"'
)


@dataclass(frozen=True, slots=True)
class Mode:
    """One row: how a rule is enforced on units whose key begins so, at a site; an empty site is every site."""

    rule: str
    mode: str
    key_prefix: str = ""
    site: str = ""


def parse_modes(text: str) -> tuple[Mode, ...]:
    """Read a table of modes from TOML (a file) or JSON (a record of `internal`); an empty one says so: `mode = []`.

    Raises:
        RulesWrong: the text breaks a rule; the message names every row that does, from 1.
    """
    try:
        rows = _rows(json.loads(text) if _JSON.match(text) else tomllib.loads(text))
        faults = [f"row {n}: {fault}" for n, row in enumerate(rows, start=1) for fault in _faults(row)]
    except (TypeError, ValueError, RecursionError) as error:
        message = f"not a table of modes: {error}; it has rows like {_EXAMPLE}"
        raise RulesWrong(message) from error
    if faults:
        raise RulesWrong("; ".join(faults))
    modes = tuple(_mode(row) for row in rows)
    _check_distinct(modes)
    return modes


def modes_to_json(modes: Sequence[Mode]) -> str:
    """Return modes as the JSON that travels in `internal`; one that names no site or beginning leaves it out."""
    rows = [{name: value for name, value in asdict(mode).items() if value} for mode in modes]
    return json.dumps(rows, sort_keys=True, ensure_ascii=False)


def default_mode(rule: str) -> str:
    """Return how a rule is enforced where no row concerns it."""
    return "block" if rule in BLOCKING_RULES else "warn"


def _rows(plain: object) -> list[object]:
    if isinstance(plain, Mapping):
        if set(plain) != {"mode"}:
            message = f"it must have `mode` and nothing else, not {sorted(map(str, plain)) or 'nothing'}"
            raise ValueError(message)
        plain = plain["mode"]
    if not isinstance(plain, list):
        message = "`mode` must be a list of rows"
        raise TypeError(message)
    if len(plain) > MAX_ROWS:
        message = f"{len(plain)} rows; at most {MAX_ROWS}"
        raise ValueError(message)
    return plain


def _faults(row: object) -> list[str]:
    """Return what is wrong with one row, in words."""
    if not isinstance(row, Mapping):
        return ["it is no table of keys"]
    faults = [f"unknown key {name!r}; a row has {', '.join(_KEYS)}" for name in row if name not in _KEYS]
    faults += _faults_of_rule(row.get("rule"))
    if row.get("mode") not in MODES:
        faults.append(f"mode is {row.get('mode')!r}, not one of {', '.join(MODES)}")
    faults += _faults_of_text("key_prefix", row.get("key_prefix", ""), MAX_PREFIX_BYTES)
    faults += _faults_of_text("site", row.get("site", ""), MAX_SITE_BYTES)
    if row.get("site") == "":
        faults.append("site is empty; leave it out for every site")
    return faults


def _faults_of_rule(rule: object) -> list[str]:
    if isinstance(rule, str) and rule in RULES:
        return []
    allowed = f"rules with modes are {', '.join(RULES)}"
    if not isinstance(rule, str) or rule not in REASONS:
        return [f"rule is {rule!r}, which is no rule; {allowed}"]
    why = _NO_MODE.get(rule, "it says whether a scan can be judged at all, or has been judged before")
    return [f"{rule} has no modes: {why}; {allowed}"]


def _faults_of_text(name: str, value: object, most: int) -> list[str]:
    if not isinstance(value, str):
        return [f"{name} must be a text"]
    if any("\ud800" <= letter <= "\udfff" or letter < " " for letter in value):
        return [f"{name} has a control character or half a surrogate"]
    return [f"{name} has more than {most} bytes"] if len(value.encode()) > most else []


def _mode(row: Any) -> Mode:  # noqa: ANN401  checked
    return Mode(row["rule"], row["mode"], row.get("key_prefix", ""), row.get("site", ""))


def _check_distinct(modes: Sequence[Mode]) -> None:
    seen: dict[tuple[str, str, str], int] = {}
    for number, mode in enumerate(modes, start=1):
        former = seen.setdefault((mode.rule, mode.key_prefix, mode.site), number)
        if former != number:
            message = f"rows {former} and {number} are about the same rule, key_prefix and site: one must go"
            raise RulesWrong(message)
