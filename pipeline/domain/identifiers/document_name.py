"""One name for a document, however its identifier is written: as EPC URN, or as GS1 Digital Link.

    one_name("asn:urn:epc:id:gdti:0614141.06012.1234")     # "asn:https://id.gs1.org/253/06141410601221234"
    one_name("asn:https://erp.example/company/401/77")     # stays as it is: any host has such paths
    one_name("asn:4711")                                   # "asn:4711"

Whoever expects a document and whoever scans under it may write it differently; the ledger compares names letter by
letter. Two documents must never be one, so a link of another host than id.gs1.org is read only where its key is a
number with a check digit, and that is right.

Source: decision 168.
"""

import re
from typing import Final

from pipeline.domain.expected import document_kind
from pipeline.domain.identifiers.canonical import HOST, link_of
from pipeline.domain.identifiers.check_digits import has_check_digit
from pipeline.domain.identifiers.digital_link import SHORT_NAMES

BEGINNINGS: Final = ("urn:epc:", "http://", "https://")
"""What the identifiers begin with that may be written in more than one way, in any case."""

_MOST_BEGINNING: Final = max(map(len, BEGINNINGS))
_URN: Final = re.compile(r"urn:epc:[a-z]+:[a-z]+:", re.IGNORECASE | re.ASCII)
_LINK: Final = re.compile(r"https?://([^/?#]*)", re.IGNORECASE | re.ASCII)
_GS1: Final = HOST.split("/")[2]
_NO_HOST: Final = "https://-"
"""In the place of scheme and host: a link that keeps it has no GS1 key."""
_CHECKED: Final = {
    "00": 18, "01": 14, "253": 13, "255": 13, "402": 17, "414": 13, "8003": 14, "8017": 18, "8018": 18,
}  # fmt: skip
"""The keys read on any host: so many digits of the value end in a check digit."""
_GTIN: Final = "01"
_OF_ONE_UNIT: Final = "21"
_NO_NAMES: Final[dict[str, str]] = {}


def one_name(name: str) -> str:
    """Return a document's name with the one Digital Link of its identifier, where it has one; else the name."""
    kind, _, identifier = name.partition(":")
    if not document_kind(name) or not identifier[:_MOST_BEGINNING].lower().startswith(BEGINNINGS):
        return name
    try:
        link = _of_urn(identifier) or _of_link(identifier)
    except UnicodeEncodeError:  # half of a character stands alone in it
        return name
    return name if link is None else f"{kind}:{link}"


def _of_urn(identifier: str) -> str | None:
    """Return the link of an EPC URN, None where it is none."""
    scheme = _URN.match(identifier)
    if scheme is None:
        return None
    urn = scheme[0].lower() + identifier[scheme.end() :]
    link = link_of(urn)
    return None if link == urn else link


def _of_link(identifier: str) -> str | None:
    """Return the one link of a Digital Link, None where it is not surely one."""
    begins = _LINK.match(identifier)
    if begins is None:
        return None
    is_gs1 = begins[1].lower() == _GS1
    link = link_of(_NO_HOST + identifier[begins.end() :], SHORT_NAMES if is_gs1 else _NO_NAMES)
    return link if link.startswith(HOST) and (is_gs1 or _is_checked(link)) else None


def _is_checked(link: str) -> bool:
    """Whether the key of a link is a number whose check digit is right; a GTIN only with the serial of one unit."""
    key, value, *qualifiers = link.removeprefix(HOST).split("/")
    digits = _CHECKED.get(key)
    if digits is None or (key == _GTIN and _OF_ONE_UNIT not in qualifiers[:1]):
        return False
    return has_check_digit(value[:digits])
