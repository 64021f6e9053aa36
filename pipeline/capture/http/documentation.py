"""What OpenAPI says of the routes, with examples; a contract test sends them and compares the answers."""

from __future__ import annotations

from typing import Any, Final

from pipeline.capture.http.bodies import MOST_BYTES
from pipeline.capture.http.fields import SCAN
from pipeline.capture.http.lines import FORMS, MOST_SCANS
from pipeline.capture.http.problems import PROBLEM
from pipeline.capture.http.shapes import DECIDED_RECEIPT, PAGE, PERHAPS_WAITED, PROBLEM_DETAILS, RECEIPT, UNIT
from pipeline.capture.http.waits import MOST_SCANS as MOST_WAITED
from pipeline.capture.http.waits import MOST_SECONDS

Schema = dict[str, Any]

IDEMPOTENCY_KEY: Final = (
    "A word of your choice. The same request with the same word, within 24 h, is answered with the first one's receipt;"
    " one that was cut off is completed. It belongs to the API key."
)
WAIT: Final = f"Seconds to wait for the verdicts, at most {MOST_SECONDS}; for at most {MOST_WAITED} scans."
SENT_AT: Final = (
    "When the sender sent it, by its clock: RFC 3339 with a zone, or milliseconds since 1970. More than 60 s off is"
    " counted and told in the receipt; no event_time is changed."
)
CODE: Final = "A unit's code in any syntax, percent-encoded: %2F for / in a Digital Link, %1D for FNC1, %25 for %."

EXAMPLE: Final = {
    "code": "(01)09506000134352(21)ABC123",
    "step": "RECEIVE",
    "site": "shop-oslo",
    "event_time": "2026-11-02T09:20:00Z",
    "reader": "dock-1",
    "document": "asn:4711",
}
OTHER_EXAMPLE: Final = {
    "item": "gtin:09506000134352",
    "serial": "ABC124",
    "step": "RETURN",
    "event_time": "2026-11-05T17:03:21.250+01:00",
    "lot": "L7",
    "attributes": {"temperature": "4.2"},
}
_RECEIPT: Final = {
    "id": "06h1h8mkng7nsi57rh129jh8sg",
    "received_at": "2026-11-26T16:14:14.202Z",
    "counts": {"scans": 2, "queued": 1, "malformed": 1, "skewed": 0},
    "skew_seconds": 0.412,
    "payload_sha256": "eac546541064c5836af06149b7dd5a603b501861d8f7c9e130e6cab65cb57c22",
    "malformed": [
        {"index": 1, "field": "site", "reason": "OTHER_SITE", "message": "'shop-bergen' is not a site of this API key"}
    ],
}
_VERDICT: Final = {
    "index": 0, "scan_id": "8808876f6bf88ccda66efe7d742a3cf4", "unit_key": "gtin:09506000134352/ABC123",
    "step": "RETURN", "site": "shop-oslo", "event_time": "2026-11-05T17:03:21.250Z",
    "outcome": "ACCEPTED", "reason": "NONE", "state_before": "SOLD",
    "state_after": "RETURNED", "previous_site": "shop-oslo", "previous_event_time": "2026-11-05T10:00:00.000Z",
    "sold_at": "2026-11-05T10:00:00.000Z",
    "next": {
        "proceed": "YES",
        "text": "Go on: the scan was applied. The unit was sold and is now returned: it may be refunded.",
    },
}  # fmt: skip


def _answer(what: str, schema: Schema, example: Any = None, media_type: str = "application/json") -> Schema:  # noqa: ANN401  JSON
    content: Schema = {"schema": schema}
    if example is not None:
        content["example"] = example
    return {"description": what, "content": {media_type: content}}


def _refusal(status: int, error: str, what: str, *, may_repeat: bool = False) -> Schema:
    example = {"type": "about:blank", "title": "…", "status": status, "error": error, "detail": what}
    answer = _answer(f"{error}: {what}", PROBLEM_DETAILS, example, PROBLEM)
    if may_repeat:
        answer["headers"] = {"Retry-After": {"description": "seconds", "schema": {"type": "integer"}}}
    return answer


_ACCESS: Final = {
    401: _refusal(401, "NO_KEY", "no API key, or one that is unknown or revoked"),
    403: _refusal(403, "NOT_ALLOWED", "the key's role may not do this"),
}
_READ: Final = _ACCESS | {
    400: _refusal(400, "BAD_PARAMETER", "a parameter is not of its form"),
    429: _refusal(429, "TOO_MUCH_AT_ONCE", "too many questions at once", may_repeat=True),
    503: _refusal(503, "NOT_NOW", "ClickHouse does not answer now", may_repeat=True),
}
_BODY: Final = {
    "required": True,
    "description": f"At most {MOST_SCANS:,} scans and {MOST_BYTES:,} bytes, counted after decompression.",
    "content": {
        "application/json": {
            "schema": {"type": "array", "maxItems": MOST_SCANS, "items": SCAN},
            "example": [EXAMPLE, OTHER_EXAMPLE],
        },
        **{
            name: {"schema": {"type": "string", "description": "a scan a line"}}
            for name, form in FORMS.items()
            if form == "ndjson"
        },
    },
}
_CODING: Final = {
    "name": "Content-Encoding", "in": "header", "required": False, "schema": {"enum": ["gzip", "zstd", "identity"]},
}  # fmt: skip

POST_SCANS: Final[dict[str, Any]] = {
    "summary": "Send scans",
    "description": "Good scans are put on the log, bad ones listed. 202 says that Kafka has all the good ones. Whatever"
    " happens, the same request may be sent again: it is completed, and nothing takes effect twice. A scan without"
    " scan_id gets a hash of what it says.",
    "status_code": 202,
    "openapi_extra": {"requestBody": _BODY, "parameters": [_CODING]},
    "responses": {
        200: _answer("with `wait`: every verdict is here", DECIDED_RECEIPT,
                     _RECEIPT | {"verdicts": [_VERDICT], "pending": []}),
        202: _answer("queued; with `wait`: not every verdict came in time", PERHAPS_WAITED, _RECEIPT),
        400: _refusal(400, "NOT_JSON", "the body is no JSON array, or cannot be decompressed; or a parameter is wrong"),
        **_ACCESS,
        408: _refusal(408, "TOO_SLOW", "the body did not arrive in time", may_repeat=True),
        409: _refusal(409, "STILL_RUNNING", "the first request with this Idempotency-Key is at work", may_repeat=True),
        413: _refusal(413, "TOO_LARGE", "over a limit: bytes, scans, or scans to wait for"),
        415: _refusal(415, "TYPE_UNKNOWN", "another Content-Type or Content-Encoding than those above"),
        422: {
            "description": "no scan was good: the receipt lists why; or this Idempotency-Key had another body",
            "content": {"application/json": {"schema": RECEIPT}, PROBLEM: {"schema": PROBLEM_DETAILS}},
        },
        429: _refusal(429, "TOO_MUCH_AT_ONCE", "too much at once", may_repeat=True),
        503: _refusal(503, "KAFKA_DOWN", "Kafka has not acknowledged all; some may be on the log", may_repeat=True),
    },
}  # fmt: skip
GET_RECEIPT: Final[dict[str, Any]] = {
    "summary": "What became of a request",
    "description": "A page of its scans in the order of the request, with what they came to, as known newest. A key of"
    " the role site reads its own receipts, the others read all.",
    "responses": _READ
    | {
        200: _answer(
            "a page", PAGE,
            _RECEIPT | {
                "is_complete": True, "dead_letters": [], "scans": [_VERDICT], "pending": [], "next": 999,
                "counts": {
                    "scans": 2, "queued": 1, "malformed": 1, "skewed": 0, "pending": 0, "dead_lettered": 0,
                    "accepted": 1, "flagged": 0, "repeated": 0, "rejected": 0, "undecided": 0,
                },
            },
        ),
        404: _refusal(404, "RECEIPT_UNKNOWN", "no such receipt of this key"),
    },
}  # fmt: skip
GET_UNIT: Final[dict[str, Any]] = {
    "summary": "One unit",
    "description": "Its state, its place, its warranty, its open alerts, and what was seen of it, the newest first.",
    "responses": _READ
    | {
        200: _answer("the unit", UNIT),
        404: _refusal(404, "UNIT_UNKNOWN", "nothing is known of the unit"),
    },
}
