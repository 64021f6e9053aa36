"""The fields of a scan as it is sent over HTTP, as JSON Schema: what is checked, and what the documentation says."""

from __future__ import annotations

from typing import Any, Final

from pipeline.domain.flags import FLAGS
from pipeline.domain.scan import STEPS
from pipeline.wire.scan_fields import CAPS

Schema = dict[str, Any]


def _text(what: str, cap: int, example: str) -> Schema:
    return {"type": ["string", "null"], "description": f"{what}; at most {cap} bytes", "examples": [example]}


TEXTS: Final[dict[str, Schema]] = {
    name: _text(what, CAPS[name], example)
    for name, what, example in (
        ("scan_id", "unique per reading; a redelivery repeats it; left out, it is a hash of what the scan says",
         "7f3c0e5c-5a4e-4a0e-9d0a-2f7e6a1b9c55"),
        ("site", "where it was seen; left out, the only site of the API key", "shop-oslo"),
        ("destination", "the site a shipment goes to", "shop-bergen"),
        ("location", "place within the site", "aisle 7"),
        ("reader", "the device that read it", "till-3"),
        ("operator", "who held it, a pseudonym", "op-17"),
        ("document", "asn:…, order:…, rma:…, count:…", "asn:4711"),
        ("lot", "lot or batch, where the code does not say it", "L7"),
        ("condition", "disposition (CBV)", "sellable_accessible"),
        ("corrects", "scan_id of an earlier scan of the same unit that this one takes back",
         "0b8d2b6e0f4b4c2a9a5d1c3e7f901234"),
        ("source", "the system that sends it", "wms"),
    )
}  # fmt: skip

_FORM: Final = "RFC 3339 with its zone, rounded to milliseconds, or milliseconds since 1970"
_MOMENT: Final[Schema] = {"type": ["string", "integer"], "examples": ["2026-11-02T09:20:00Z"]}
_FLAGS: Final[Schema] = {
    "type": ["array", "null"],
    "items": {"type": "string", "enum": list(FLAGS)},
    "examples": [["recalled"]],
}
_UNIT: Final = "as a unit key or in any syntax that `code` takes"

FIELDS: Final[dict[str, Schema]] = {
    "code": {
        "type": ["string", "null"],
        "description": "what was read: a GS1 element string (bracketed, or raw with FNC1), a Digital Link, an EPC URN"
        " or tag, scheme and number (`imei:…`, `vin:…`), or a unit key; leave it out where item and serial are given",
        "examples": ["(01)09506000134352(21)ABC123"],
    },
    "item": _text("class of the unit, scheme:part[/part], encoded", CAPS["item"], "gtin:09506000134352"),
    "serial": _text("serial within the item, encoded; scheme:part where there is no item", CAPS["serial"], "ABC123"),
    "step": {"type": "string", "enum": list(STEPS), "description": "what was done (CBV business step)"},
    "event_time": {**_MOMENT, "description": f"when it was seen: {_FORM}"},
    **TEXTS,
    "capture_time": {
        **_MOMENT,
        "type": ["string", "integer", "null"],
        "description": f"when it was first recorded, now if left out: {_FORM}",
    },
    "container": _text(f"the container, {_UNIT}", CAPS["container"], "sscc:106141412345678908"),
    "other_unit": _text(
        f"the counterpart of INSTALL, REPLACE, RELABEL, {_UNIT}", CAPS["other_unit"], "gtin:09506000134352/NEW1"
    ),
    "expiry": {
        "type": ["string", "null"],
        "description": "expiry date, YYYY-MM-DD, where the code does not say it",
        "examples": ["2027-05-31"],
    },
    "flags_set": {**_FLAGS, "description": "flags that hold from this scan on"},
    "flags_unset": {**_FLAGS, "description": "flags that hold no longer"},
    "attributes": {
        "type": ["object", "null"],
        "additionalProperties": {"type": "string"},
        "description": f"anything else, as name and text; at most {CAPS['attributes']:,} bytes together",
        "examples": [{"temperature": "4.2"}],
    },
}  # fmt: skip
NAMES: Final = frozenset(FIELDS)

SCAN: Final[Schema] = {
    "title": "Scan",
    "type": "object",
    "description": "What a site saw: one reading of one unit at one step. Give `code`, or `item` and `serial`.",
    "required": ["step", "event_time"],
    "properties": FIELDS,
    "additionalProperties": False,
}
