"""Made second versions of the scan: one that old readers' data fits, and some that it does not."""

import copy
from typing import Any

from pipeline.wire.body import Schema
from pipeline.wire.schemas import catalogue

SCAN: Schema = catalogue().schema("scan")


def with_field_added() -> Schema:
    """Compatible: data of v1 is read with the default."""
    return _changed(lambda fields: fields.append({"name": "humidity", "type": ["null", "int"], "default": None}))


def with_field_added_without_default() -> Schema:
    return _changed(lambda fields: fields.append({"name": "humidity", "type": "int"}))


def with_type_changed() -> Schema:
    return _changed(lambda fields: _field(fields, "site").update(type="long"))


def with_step_removed() -> Schema:
    return _changed(lambda fields: _field(fields, "step")["type"]["symbols"].remove("VOID"))


def with_field_removed() -> Schema:
    """Compatible: a reader passes over what it does not know."""
    return _changed(lambda fields: fields.remove(_field(fields, "receipt")))


def _changed(change: Any) -> Schema:  # noqa: ANN401  any way to change a list of fields
    made = copy.deepcopy(SCAN)
    change(made["fields"])
    return made


def _field(fields: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(field for field in fields if field["name"] == name)
