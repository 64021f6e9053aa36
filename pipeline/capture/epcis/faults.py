"""What is wrong with a document or event, and where: the path to the part, as JSONPath writes it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

MOST_FAULTS: Final = 100
"""Shown of one document; the rest are counted."""

_WORDS: Final = {
    "missing": "is missing",
    "string_type": "is no text",
    "list_type": "is no list",
    "dict_type": "is no object",
    "model_type": "is no object",
    "float_type": "is no number",
    "bool_type": "is neither true nor false",
    "extra_forbidden": "is no field of the standard here, and there are no extensions here",
}


@dataclass(frozen=True)
class Fault:
    """One fault."""

    path: str
    """$ is the whole; $.epcisBody.eventList[0].eventTime a part."""
    message: str


def path_of(parts: Sequence[int | str]) -> str:
    """Return the path to a part."""
    return "$" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)


def faults_of(error: ValidationError, beginning: Sequence[int | str] = ()) -> Iterator[Fault]:
    """Yield the faults that a model found, behind a path."""
    for one in error.errors(include_url=False, include_input=True):
        parts = [part for part in one["loc"] if part != "[key]"]
        yield Fault(path_of([*beginning, *parts]), _said(one))


def limited(faults: Sequence[Fault]) -> list[Fault]:
    """Return the first faults, and how many there are besides."""
    if len(faults) <= MOST_FAULTS:
        return list(faults)
    return [*faults[:MOST_FAULTS], Fault("$", f"and {len(faults) - MOST_FAULTS} more")]


def _said(error: Any) -> str:  # noqa: ANN401  pydantic's ErrorDetails
    if error["type"] == "literal_error":
        return f"is {str(error['input'])[:80]!r}, not {error['ctx']['expected']}"
    return _WORDS.get(error["type"], str(error["msg"]))
