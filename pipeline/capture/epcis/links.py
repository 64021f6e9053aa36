"""What a URI in an event is: a GS1 key, whatever shape its link is in, or an identifier of somebody's own.

    identified("https://id.gs1.org/gtin/80614141123458/ser/6789/").unit_key    # "gtin:80614141123458/6789"

The event hash takes a link out of shape (qualifiers in another order, names for numbers, a slash too many, a GTIN
without its zeros) for the right one: both are the same event, so they are scans of the same unit. What is right but for
its shape is read; a key with a fault in its value, or a query that misplaces it, never is.
"""

from __future__ import annotations

from typing import Final

from pipeline.domain.identifiers import Finding, Identified, identify
from pipeline.domain.identifiers.canonical import link_of
from pipeline.domain.identifiers.epc_schemes import SCHEMES as EPC_SCHEMES
from pipeline.domain.unit_key import PARTS_OF_ITEM

_WEB: Final = frozenset({"http", "https"})
_NO_GS1_KEYS: Final = tuple(f"urn:epc:id:{scheme}:" for scheme in ("adi", "bic", "imovn", "usdod"))
"""Schemes of EPCs that stand for other bodies' keys."""
_SCHEMES: Final = frozenset({*PARTS_OF_ITEM, *EPC_SCHEMES, "lgtin"})


def identified(uri: str) -> Identified:
    """Return what a URI is; of a link out of shape, what the link is that the event hash takes it for."""
    found = identify(uri)
    link = None if found.ok or not _is_of_shape(found.errors[0]) else _as_hashed(uri)
    if link is None:
        return found
    hashed = identify(link)
    nearest = (identify(fault.nearest) for fault in found.errors if fault.nearest and hashed.ok)
    return next((one for one in nearest if _name_the_same(one, hashed)), hashed)  # the hash's link has no lot


def is_private(uri: str, found: Identified) -> bool:
    """Whether a URI that is not read is somebody's own identifier, and no GS1 key or key of ours with a fault in it."""
    scheme = uri.partition(":")[0].lower()
    if scheme in _WEB:
        return not found.attributes and any(fault.where == "path" for fault in found.errors)
    text = uri.lower()
    return text.startswith(_NO_GS1_KEYS) or (scheme not in _SCHEMES and not text.startswith("urn:epc:"))


def _is_of_shape(fault: Finding) -> bool:
    """Whether a fault is of the link itself, and of no value in it."""
    return fault.where in {"path", "host"} or fault.rule == "gtin14"


def _as_hashed(uri: str) -> str | None:
    """Return the link that the hash takes a URI for; None where it leaves it as it is."""
    scheme, _, rest = uri.partition(":")
    if scheme.lower() not in _WEB:
        return None
    plain = f"{scheme.lower()}:{rest}"
    link = link_of(plain)
    return None if link == plain else link


def _name_the_same(one: Identified, other: Identified) -> bool:
    return one.ok and (one.unit_key, one.class_key) == (other.unit_key, other.class_key)
