"""Records of `internal` that the ledger only writes down: recalls, removals, re-drives, what an ERP states.

Flow: a record -> (APPLIED, "") or (REFUSED, why). Nothing of it is kept: the act is the record of it.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from pipeline.domain.reference import APPLIED, REFUSED
from pipeline.domain.routing import partition_of
from pipeline.ledger.where import Where

NOTED: Final = ("RECALL_START", "RECALL_CLOSE", "RETENTION", "REDRIVE", "ERP_STATEMENT")
_MOST_SUBJECT_BYTES: Final = 128
_END_OF_TIME: Final = 10_413_792_000_000
"""The year 2300: tables hold no later time."""
_MOST_QUANTITY: Final = 1 << 53
_DEAD_LETTER: Final = re.compile(rb"dead-letter:(\d{1,9})/(\d{1,18})", re.ASCII)


def note(record: Mapping[str, Any], ordinal: int, where: Where) -> tuple[str, str]:
    """Say whether a record is what its kind says.

    A recall or a part of a statement of this partition; ordinals removed below its own; a dead letter of this
    partition, below its own.
    """
    subject = record["subject"].encode()
    if len(subject) > _MOST_SUBJECT_BYTES or b"\0" in subject:
        return REFUSED, "subject"
    content = _read(record["content"])
    if content is None:
        return REFUSED, "content"
    if record["kind"] == "RETENTION":
        return _removed(subject, content, ordinal)
    if record["kind"] == "REDRIVE":
        return _redriven(subject, ordinal, where)
    if record["kind"] == "ERP_STATEMENT":
        return _named(b"erp:", subject, where) if _is_part_of_statement(content) else (REFUSED, "content")
    return _named(b"recall:", subject, where)


def _named(beginning: bytes, subject: bytes, where: Where) -> tuple[str, str]:
    if not subject.startswith(beginning) or subject == beginning:
        return REFUSED, "subject"
    is_here = partition_of(subject, where.partitions) == where.partition
    return (APPLIED, "") if is_here else (REFUSED, "partition")


def _removed(subject: bytes, content: Mapping[str, Any], ordinal: int) -> tuple[str, str]:
    if subject != b"retention":
        return REFUSED, "subject"
    last, before = content.get("last_ordinal"), content.get("before")
    is_sound = _is_count(before) and _is_count(last) and int(str(last)) < ordinal
    return (APPLIED, "") if is_sound else (REFUSED, "content")


def _redriven(subject: bytes, ordinal: int, where: Where) -> tuple[str, str]:
    place = _DEAD_LETTER.fullmatch(subject)
    if place is None or not 0 < int(place[2]) < ordinal:
        return REFUSED, "subject"
    return (APPLIED, "") if int(place[1]) == where.partition else (REFUSED, "partition")


def _is_part_of_statement(content: Mapping[str, Any]) -> bool:
    as_of, part, parts, quantities = (content.get(name) for name in ("as_of", "part", "parts", "quantities"))
    if not (_is_count(as_of) and _is_count(part) and _is_count(parts) and isinstance(quantities, list)):
        return False
    is_placed = int(str(as_of)) < _END_OF_TIME and int(str(part)) < int(str(parts))
    return is_placed and all(map(_is_quantity, quantities))


def _is_quantity(row: object) -> bool:
    if not isinstance(row, list) or [type(value) for value in row] != [str, str, int]:
        return False
    item, site, quantity = row
    return bool(item) and bool(site) and 0 <= quantity < _MOST_QUANTITY


def _is_count(number: object) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and number >= 0


def _read(text: str) -> Mapping[str, Any] | None:
    """Return an object as JSON has them; None for anything that tables could not read again."""
    try:
        content = json.loads(text, parse_constant=_refuse)
        json.dumps(content, ensure_ascii=False).encode()  # half a surrogate can be written in JSON and in nothing else
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _refuse(constant: str) -> None:
    raise ValueError(constant)
