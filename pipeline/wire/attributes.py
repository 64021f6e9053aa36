"""The attributes of a scan, read one scan at a time, where a rule asks for one of them.

Flow: the attributes as they are encoded -> name and value.
"""

from functools import cache
from typing import Final

from pipeline.wire.body import Schema, decode_body, parse
from pipeline.wire.schemas import catalogue

OWNER: Final = "owner"
_OWNERS: Final = (OWNER, "owning_party")
"""Names of the attribute that says whose a unit is, the first one first: EPCIS has its own."""


def owner_of(encoded: bytes) -> str | None:
    """Return the owner that a scan's attributes name, None where they name none; as the view `v_owners` reads them."""
    if len(encoded) <= 1:  # a zero: no attributes
        return None
    stated: dict[str, str] = {}
    for one in decode_body(_attributes(), encoded)["attributes"]:
        stated.setdefault(one["name"], one["value"])
    return next((stated[name] for name in _OWNERS if stated.get(name)), None)


@cache
def _attributes() -> Schema:
    """Return the schema of a record of nothing else: it is encoded as its only field is."""
    (field,) = (field for field in catalogue().version("scan").parsed["fields"] if field["name"] == "attributes")
    return parse({"type": "record", "name": "Attributes", "fields": [field]})
