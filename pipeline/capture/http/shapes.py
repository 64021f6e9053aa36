"""The answers of the HTTP way in as JSON Schema: what the documentation says and a contract test compares."""

from __future__ import annotations

from typing import Any, Final

from pipeline.capture.http.malformed import REASONS
from pipeline.domain.verdict import OUTCOMES
from pipeline.domain.verdict import REASONS as DECIDED

Schema = dict[str, Any]

_COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
_TEXT: Final[Schema] = {"type": "string"}
_TEXT_OR_NULL: Final[Schema] = {"type": ["string", "null"]}
_MOMENT: Final[Schema] = {"type": "string", "format": "date-time"}
_MOMENT_OR_NULL: Final[Schema] = {"type": ["string", "null"], "format": "date-time"}


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "required": list(properties), "properties": properties, "additionalProperties": False}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


_FAULT: Final = _object(
    index={**_COUNT, "description": "place of the scan in the request, from 0; empty lines do not count"},
    field={**_TEXT_OR_NULL, "description": "the field that is wrong; null where it is the whole scan"},
    reason={"enum": list(REASONS)},
    message=_TEXT,
)
_LIKELY: Final[Schema] = {
    **_object(unit_key=_TEXT, message=_TEXT),
    "description": "the unit that the document expects and that the code may be, misread; only where there is one",
}
_FAULT["properties"] |= {"likely": _LIKELY}
_NEXT: Final = _object(
    proceed={"enum": ["YES", "NO", "ASK", "HELD"], "description": "HELD: as `held` says"}, text=_TEXT
)
_HELD_FIELDS: Final = {
    "scan_id": _TEXT, "step": _TEXT, "site": _TEXT, "event_time": _MOMENT, "outcome": {"enum": list(OUTCOMES)},
    "reason": {"enum": list(DECIDED)}, "state_after": _TEXT, "next": _NEXT,
}  # fmt: skip
_DECIDED: Final = {
    "index": _COUNT, "unit_key": _TEXT, **_HELD_FIELDS, "state_before": _TEXT, "previous_site": _TEXT_OR_NULL,
    "previous_event_time": _MOMENT_OR_NULL, "sold_at": _MOMENT_OR_NULL,
}  # fmt: skip
_HELD: Final[Schema] = {
    "anyOf": [_object(**_HELD_FIELDS), {"type": "null"}],
    "description": "what is now held of the scan that a REPEATED one repeats; null where it is not written yet",
}
_VERDICT: Final = _object(**_DECIDED)
_VERDICT["properties"] = _DECIDED | {"held": _HELD, "likely": _LIKELY}
_COUNTS: Final = {"scans": _COUNT, "queued": _COUNT, "malformed": _COUNT, "skewed": _COUNT}
_RECEIPT_FIELDS: Final = {
    "id": {**_TEXT, "description": "of the receipt: GET /v1/receipts/{id}"},
    "received_at": _MOMENT,
    "counts": _object(**_COUNTS),
    "skew_seconds": {"type": ["number", "null"], "description": "how far the sender's clock is behind ours"},
    "payload_sha256": {**_TEXT, "description": "of the body, decompressed", "pattern": "^[0-9a-f]{64}$"},
    "malformed": _list(_FAULT),
}
RECEIPT: Final = _object(**_RECEIPT_FIELDS)
_WAITED: Final = {"verdicts": _list(_VERDICT), "pending": _list(_COUNT)}
DECIDED_RECEIPT: Final = _object(**_RECEIPT_FIELDS, **_WAITED)
PERHAPS_WAITED: Final[Schema] = RECEIPT | {"properties": _RECEIPT_FIELDS | _WAITED}
PAGE: Final = _object(
    **_RECEIPT_FIELDS
    | {
        "is_complete": {"type": "boolean", "description": "false: the request was cut off; send it again"},
        "counts": _object(
            **_COUNTS, pending=_COUNT, dead_lettered=_COUNT, accepted=_COUNT, flagged=_COUNT, repeated=_COUNT,
            rejected=_COUNT, undecided=_COUNT,
        ),
        "dead_letters": _list(
            _object(index=_COUNT, error=_TEXT, detail=_TEXT, topic=_TEXT, partition=_COUNT, offset=_COUNT)
        ),
        "scans": _list(_object(**_DECIDED)),
        "next": {"type": ["integer", "null"], "description": "give it as `after` for the next page; null: the last"},
    }
)  # fmt: skip
PROBLEM_DETAILS: Final[Schema] = {
    **_object(type=_TEXT, title=_TEXT, status={"type": "integer"}, error=_TEXT, detail=_TEXT),
    "additionalProperties": True,
}
UNIT: Final[Schema] = _object(
    unit_key=_TEXT, item=_TEXT, serial=_TEXT, element_string=_TEXT_OR_NULL, digital_link=_TEXT_OR_NULL,
    state=_TEXT_OR_NULL,
    place=_object(site=_TEXT_OR_NULL, custody=_TEXT_OR_NULL, container=_TEXT_OR_NULL, parent=_TEXT_OR_NULL),
    milestones=_object(
        commissioned_at=_MOMENT_OR_NULL, shipped_at=_MOMENT_OR_NULL, sold_at=_MOMENT_OR_NULL,
        returned_at=_MOMENT_OR_NULL, failed_at=_MOMENT_OR_NULL,
    ),
    lot=_TEXT_OR_NULL, expiry={"type": ["string", "null"], "format": "date"}, flags=_TEXT_OR_NULL,
    lifecycle=_TEXT_OR_NULL, last_event_time=_MOMENT_OR_NULL,
    alias_of={**_TEXT_OR_NULL, "description": "the unit under which this one goes on; null: the label is not retired"},
    labels={**_list(_TEXT), "description": "labels retired for this unit"},
    applied={"type": ["integer", "null"]}, rejected={"type": ["integer", "null"]},
    warranty={
        "anyOf": [
            _object(**{"days": _COUNT, "from": _MOMENT_OR_NULL, "until": _MOMENT_OR_NULL,
                       "is_valid": {"type": ["boolean", "null"]}, "handed_on_from": _TEXT_OR_NULL}),
            {"type": "null"},
        ],
        "description": "by the lifecycle, from the latest sale, or that of the unit it replaces; null for none",
    },
    open_alerts=_list({"type": "object"}), history=_list({"type": "object"}),
    next={**_TEXT_OR_NULL, "description": "give it as `before` for the next page; null: the last"},
)  # fmt: skip
