"""What a recall asks for, as a form and as an address: read strictly, written back as it was.

Flow: the fields of a form -> Asked, or what is wrong in words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError

from analytics.console.value_lists import values_in, values_text
from analytics.recall.asked import Asked, BadPredicate

LISTS: Final = (
    ("items", "Items", "sku:ACME/CELL, gtin:09506000134352"),
    ("lots", "Lots", "L7, L8"),
    ("lines", "Lines", ""),
    ("suppliers", "Suppliers", ""),
    ("sites", "Sites that made them", ""),
    ("component_lots", "Lots of a component", ""),
)
TIMES: Final = (
    ("made_from", "Made from"),
    ("made_to", "Made before"),
    ("bad_from", "Bad from"),
    ("bad_to", "Bad before"),
)
FLAGS: Final = (
    ("with_down", "Also what the units contain"),
    ("current_only", "Only what holds them now"),
)
FIELDS: Final = tuple(name for name, *_ in (*LISTS, *TIMES, *FLAGS))
_PREDICATE: Final = (*(name for name, *_ in LISTS), "made_from", "made_to")


def asked_of(form: Mapping[str, str]) -> Asked | None:
    """Return what a form asks for, None where it asks for nothing.

    Raises: ValueError, for people.
    """
    told = {name: form.get(name, "").strip() for name in FIELDS}
    if not any(told[name] for name in FIELDS if name not in {"with_down", "current_only"}):
        return None
    lists = {name: values_in(told[name]) for name, *_ in LISTS}
    times = {name: told[name] or None for name, _ in TIMES}
    predicate: dict[str, Any] = {name: lists.get(name, times.get(name)) for name in _PREDICATE}
    asked = {"predicate": predicate, "bad_from": times["bad_from"], "bad_to": times["bad_to"]}
    try:
        found = Asked.model_validate(asked | {name: bool(told[name]) for name, _ in FLAGS})
        found.checked()
    except ValidationError as fault:
        raise ValueError(_in_words(fault)) from fault
    except BadPredicate as fault:
        message = f"{str(fault)[:1].upper()}{str(fault)[1:]}."
        raise ValueError(message) from fault
    return found


def form_of(asked: Asked) -> dict[str, str]:
    """Return the fields that ask for the same."""
    plain = asked.model_dump(mode="json")
    said = plain["predicate"] | plain
    lists = {name: values_text(said[name]) for name, *_ in LISTS}
    times = {name: said[name] or "" for name, _ in TIMES}
    return lists | times | {name: "yes" if said[name] else "" for name, _ in FLAGS}


def _in_words(fault: ValidationError) -> str:
    first = fault.errors()[0]
    name = next((str(part) for part in reversed(first["loc"]) if isinstance(part, str)), "")
    if name in dict(TIMES):
        said = str(first["input"])[:40]
        return f"{name.replace('_', ' ')}: {said!r} is no time; the form is 2026-11-02 or 2026-11-02T09:30Z."
    return f"{name.replace('_', ' ')}: {first['msg']}."
