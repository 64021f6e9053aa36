"""The fields of a scan, their numbers, their limits, and the operations that read them, compiled from the schema."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import SchemaUnknown
from pipeline.wire.body import Schema

FIELDS: Final = (
    "scan_id", "item", "serial", "step", "event_time", "capture_time", "site", "destination", "location", "reader",
    "operator", "document", "container", "other_unit", "lot", "expiry", "condition", "origin", "corrects", "source",
    "receipt", "attributes", "flags_set", "flags_unset", "event",
)  # fmt: skip
(
    SCAN_ID, ITEM, SERIAL, STEP, EVENT_TIME, CAPTURE_TIME, SITE, DESTINATION, LOCATION, READER,
    OPERATOR, DOCUMENT, CONTAINER, OTHER_UNIT, LOT, EXPIRY, CONDITION, ORIGIN, CORRECTS, SOURCE,
    RECEIPT, ATTRIBUTES, FLAGS_SET, FLAGS_UNSET, EVENT,
) = range(len(FIELDS))  # fmt: skip

CAPS: Final = {
    "scan_id": 200, "item": 200, "serial": 200, "site": 128, "destination": 128, "location": 128, "reader": 128,
    "operator": 128, "document": 200, "container": 400, "other_unit": 400, "lot": 64, "condition": 200, "corrects": 200,
    "source": 128, "receipt": 128, "attributes": 32 * 1024, "flags_set": 200, "flags_unset": 200, "event": 400,
}  # fmt: skip
"""Most bytes of each text, and of all attributes together as they are encoded."""
RECORD_CAP: Final = 64 * 1024
"""Most bytes of a whole record, its frame included."""

# Kinds of operation.
TEXT: Final = 0
LONG: Final = 1
INT: Final = 2
ENUM: Final = 3
PAIRS: Final = 4
# Columns of the table of operations.
KIND: Final = 0
LIMIT: Final = 1  # most bytes of a text, number of an enum's symbols
NULL_BRANCH: Final = 2  # index of null in the union; NOT_NULLABLE where there is no union
NOT_NULLABLE: Final = -1

_KINDS: Final = {"string": TEXT, "long": LONG, "int": INT, "enum": ENUM, "array": PAIRS}


def operations_of(schema: Schema) -> NDArray[np.int64]:
    """Compile a scan's schema into one operation per field.

    Shape: a row per field in schema order, with the columns KIND, LIMIT and NULL_BRANCH.

    Raises:
        SchemaUnknown: the fields are not the first of those that this module numbers.
    """
    names = tuple(field["name"] for field in schema["fields"])
    if names != FIELDS[: len(names)]:
        message = f"pipeline/wire/scan_fields.py numbers the fields {FIELDS}, the schema has {names}"
        raise SchemaUnknown(message)
    return np.array([_operation(field["name"], field["type"]) for field in schema["fields"]], np.int64)


def _operation(name: str, kind: Any) -> tuple[int, int, int]:  # noqa: ANN401  an Avro type is a name, list or object
    if isinstance(kind, list):
        null = kind.index("null")
        return (*_operation(name, kind[1 - null])[:NULL_BRANCH], null)
    if isinstance(kind, str):
        return _KINDS[kind], CAPS.get(name, 0), NOT_NULLABLE
    limit = len(kind["symbols"]) if kind["type"] == "enum" else CAPS.get(name, 0)
    return _KINDS[kind["type"]], limit, NOT_NULLABLE
