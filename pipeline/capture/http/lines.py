"""A body's text as a list of scans yet to be checked: one JSON array, or NDJSON with a scan a line.

Flow: bytes -> an object per scan, an empty one with a fault where a line is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

import orjson

from pipeline.capture.http.malformed import Faults
from pipeline.capture.http.nearest import Nearest
from pipeline.capture.http.problems import Refused

Form = Literal["json", "ndjson"]
FORMS: Final[dict[str, Form]] = {
    "application/json": "json",
    "application/x-ndjson": "ndjson",
    "application/ndjson": "ndjson",
    "application/jsonl": "ndjson",
}
MOST_SCANS: Final = 10_000
_SHOWN: Final = 60  # letters of a line or a name in a message
_NAMES_TOLD: Final = 5  # unknown fields of one scan
_LIKENESS: Final = 0.6  # of a field to the one that was meant

Fields = dict[str, Any]


@dataclass(frozen=True)
class Lines:
    """The scans of a request, as its sender wrote them, and what is wrong so far."""

    objects: list[Fields]
    names: frozenset[str]
    """Every field that any scan has."""
    faults: Faults

    def __len__(self) -> int:
        return len(self.objects)


def form_of(content_type: str | None) -> Form:
    """Return the form of a body.

    Raises: Refused (415) where its type is none of FORMS, or its letters are not UTF-8.
    """
    kind, *parameters = (part.strip().lower() for part in (content_type or "").split(";"))
    charsets = [part.partition("=")[2].strip('" ') for part in parameters if part.startswith("charset")]
    if kind in FORMS and all(charset in ("utf-8", "utf8", "us-ascii") for charset in charsets):
        return FORMS[kind]
    detail = f"Content-Type {content_type!r} is not understood: send {', '.join(FORMS)}, in UTF-8."
    raise Refused(415, "TYPE_UNKNOWN", detail, headers={"Accept": ", ".join(FORMS)})


def read_lines(content: bytes, form: Form, most: int = MOST_SCANS) -> Lines:
    """Read a body's scans.

    Raises: Refused: 400 where the body is no JSON array, 413 where it has more than `most` scans.
    """
    values: list[Any] = _read_array(content) if form == "json" else content.split(b"\n")
    if form == "ndjson":
        values = [line for line in values if line and not line.isspace()]
    if len(values) > most:
        raise too_many(len(values), most)
    faults = Faults(len(values))
    objects = _read_each(values, faults) if form == "ndjson" else values
    for index, value in enumerate(objects):
        if type(value) is not dict:
            faults.unreadable(index, "NOT_AN_OBJECT", f"a scan is a JSON object, this is {_kind(value)}")
            objects[index] = {}
    return Lines(objects, frozenset().union(*objects), faults)


def too_many(count: int, most: int) -> Refused:
    """Return the refusal of a request of too many scans."""
    return Refused(413, "TOO_MANY", f"The request has {count:,} scans, at most {most:,} are taken: send several.")


def _read_array(content: bytes) -> list[Any]:
    try:
        array = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        detail = f"The body is not JSON: {error}."
        raise Refused(400, "NOT_JSON", detail) from None
    if not isinstance(array, list):
        detail = f"The body is {_kind(array)}, not an array of scans: [{{…}}, …]."
        raise Refused(400, "NOT_AN_ARRAY", detail)
    return array


def _read_each(lines: list[bytes], faults: Faults) -> list[Any]:
    try:
        return [orjson.loads(line) for line in lines]
    except orjson.JSONDecodeError:
        return [_read_one(index, line, faults) for index, line in enumerate(lines)]


def _read_one(index: int, line: bytes, faults: Faults) -> Any:  # noqa: ANN401  JSON
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError as error:
        shown = line[:_SHOWN].decode(errors="replace")
        faults.unreadable(index, "NOT_JSON", f"the line is not JSON: {error}: {shown!r}")
        return {}


def _kind(value: object) -> str:
    kinds = {dict: "an object", list: "an array", str: "a text", bool: "true or false", type(None): "null"}
    return kinds.get(type(value), "a number")


def check_names(lines: Lines, known: frozenset[str]) -> None:
    """Note every field that no scan has, with the nearest one that it has."""
    unknown = lines.names - known
    if not unknown:
        return
    nearest = Nearest(known, _LIKENESS)
    for index, scan in enumerate(lines.objects):
        for name in sorted(scan.keys() - known)[:_NAMES_TOLD]:
            shown = name[:_SHOWN]
            near = nearest.of(shown)
            meant = f"; did you mean {near}?" if near else ""
            lines.faults.add(index, shown, "UNKNOWN_FIELD", f"a scan has no field {shown!r}{meant}")
