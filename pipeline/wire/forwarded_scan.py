"""Scans of a retired label, as the unit under which it goes on is told of them.

Flow: the fields of a scan, or what a fact remembers of it -> the id and the bytes of a scan for `internal`.

Their ids are those of derived scans (wire/derived_scan.py) with FORWARDED added to the depth, but for a move that the
label itself was only drawn along in: that stays one.
"""

import hashlib
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from pipeline.domain.derived_id import DEPTH_DIGITS, FORWARDED, ROOT_DIGITS
from pipeline.domain.label import Label
from pipeline.wire.schemas import encode

_MASK: Final = (1 << 64) - 1
_LABEL: Final = "label"
_MOST_ATTRIBUTES: Final = 31 * 1024
"""Bytes of attributes up to which another one has room for certain."""


class Root(NamedTuple):
    """A fact of the label: hashes of its scan's id and of that of its root, and how deep below that it is."""

    fact: int
    root: int
    depth: int


def forwarded_id(label: Label, root: Root, toggle: int) -> str:
    """Return the id of what the unit is told of a scan of its label, the same at every replay."""
    told = f"{root.fact}\n{label.alias}\n{label.unit}\nALIAS\n{toggle}"
    name = hashlib.blake2b(told.encode(), digest_size=8).hexdigest()
    depth = root.depth + 1 if 0 < root.depth < FORWARDED else root.depth % FORWARDED + 1 + FORWARDED
    return f"{root.root & _MASK:0{ROOT_DIGITS}x}{depth:0{DEPTH_DIGITS}x}{name}"


def forwarded_scan(label: Label, root: Root, toggle: int, scan: Mapping[str, Any]) -> bytes:
    """Return the scan that forwards one of the label (an odd toggle), or takes that back."""
    item, _, serial = label.unit.rpartition("/")
    named = {"scan_id": forwarded_id(label, root, toggle), "item": item, "serial": serial, "origin": "DERIVED"}
    if toggle % 2 == 0:
        kept = {name: scan[name] for name in ("event_time", "capture_time", "site")}
        return encode("scan", named | kept | {"step": "VOID", "corrects": forwarded_id(label, root, toggle - 1)})
    others = {name: label.unit for name in ("container", "other_unit") if scan.get(name) == label.alias}
    dropped = {"corrects": None, "receipt": None, "event": None}
    attributes = _with_label(scan.get("attributes", []), label.alias)
    return encode("scan", {**scan, **named, **others, **dropped, "attributes": attributes})


def _with_label(attributes: list[dict[str, str]], alias: str) -> list[dict[str, str]]:
    """Return attributes that say which label was read: the first one, where labels follow each other."""
    size = sum(len(text.encode()) + 3 for one in attributes for text in one.values())
    if size > _MOST_ATTRIBUTES or any(one["name"] == _LABEL for one in attributes):
        return attributes
    return [*attributes, {"name": _LABEL, "value": alias}]
