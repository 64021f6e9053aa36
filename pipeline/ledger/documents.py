"""Records DOCUMENT of `internal`: which units of this partition a document expects.

Flow: a document's name and keys -> entries in the units' records, the document among those in force.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from pipeline.domain.expected import DOCUMENT_KINDS, document_hash, document_kind, expect
from pipeline.domain.reference import APPLIED, REFUSED, Reference
from pipeline.domain.routing import partition_of
from pipeline.domain.unit_key import BadUnitKey, parse
from pipeline.ledger.memory import Overlay
from pipeline.ledger.unit_records import encode_changed
from pipeline.ledger.where import Where
from pipeline.wire.unit_decode import decode_units

_MAX_NAME_BYTES: Final = 128  # as of a document in a scan
_COUNT: Final = DOCUMENT_KINDS.index("count") + 1


def take_document(
    record: Mapping[str, Any], ordinal: int, where: Where, reference: Reference, overlay: Overlay
) -> tuple[str, str]:
    """Act on a DOCUMENT record: (APPLIED, "") or (REFUSED, why), then with nothing changed."""
    name = record["subject"]
    kind = document_kind(name)
    if not kind or len(name.encode(errors="replace")) > _MAX_NAME_BYTES:
        return REFUSED, "subject"
    told = _stated(record["content"])
    if told is None:
        return REFUSED, "content"
    stated, names_containers = told
    keys = list(stated)
    if any(partition_of(key, where.partitions) != where.partition for key in keys):
        return REFUSED, "partition"
    reference.know_document(name, names_containers=names_containers)
    if kind == _COUNT:  # no rule asks for it, and a unit has room for few documents; its report reads the act
        return APPLIED, ""
    units, loaded = decode_units(overlay.load(keys), np.zeros(len(keys), np.int64))
    document = document_hash(name)
    changed = [expect(units, u, document, kind, document_hash(stated[key])) for u, key in enumerate(keys)]
    which = np.flatnonzero(np.array(changed, np.bool_))
    units.heads["sequence"][which] += 1
    states = encode_changed(keys, units, which, loaded, reference, (ordinal, where.partition))
    overlay.keep([keys[u] for u in which.tolist()], states)
    return APPLIED, ""


def _stated(text: str) -> tuple[dict[bytes, str], bool | None] | None:
    """Return the sale by unit key, empty where none is stated, and whether the document names containers alone.

    None where the content makes no sense.
    """
    try:
        content = json.loads(text)
        rows, said = content["units"], content.get("names_containers")
        names_containers = said if isinstance(said, bool) else None
        found = {parse(key).text.encode(): sale for key, sale in rows}
        return (
            (found, names_containers)
            if all(isinstance(sale, str) and sale.encode() is not None for sale in found.values())
            else None
        )
    except (BadUnitKey, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
