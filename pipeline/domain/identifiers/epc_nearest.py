"""The nearest right EPC URN, where what is wrong leaves no doubt: capitals, missing escapes, a check digit, a tag.

Flow: a URN with a fault -> the URN written anew, if that has none; else None.
"""

import re
from collections.abc import Iterator
from typing import Final

from pipeline.domain.identifiers.ai_table import AIS
from pipeline.domain.identifiers.epc_schemes import SCHEMES
from pipeline.domain.identifiers.epc_tag import read_tag_uri, write_tag
from pipeline.domain.identifiers.epc_uri import EpcRead, escaped, is_escaped, read_epc_uri, split_fields
from pipeline.domain.unit_key import check_digit

_HEAD: Final = re.compile(r"(urn:epc:(?:id|idpat|class|tag):[^:.\[]*:)(.*)", re.IGNORECASE | re.DOTALL)
TAG_URN: Final = "urn:epc:tag:"
_PREFIX, _REFERENCE = 0, 1


def read_urn(text: str) -> EpcRead:
    """Read an EPC of either kind of URN, of a tag or pure."""
    return read_tag_uri(text) if text.startswith(TAG_URN) else read_epc_uri(text)


def nearest_urn(text: str) -> str | None:
    """Return the URN that is meant, None where that is not certain."""
    found = _HEAD.fullmatch(text)
    if found is None:
        return None
    head, body = found[1].lower(), found[2]
    for written in (body, escaped(body)):
        for candidate in _candidates(head, written):
            if candidate != text and _is_right(candidate):
                return candidate
    return None


def _candidates(head: str, body: str) -> Iterator[str]:
    yield head + body
    name, has_filter = head[:-1].rpartition(":")[2], head.startswith(TAG_URN)
    scheme = SCHEMES.get("sgtin" if name == "lgtin" else name.split("-")[0])
    filter_value, dot, rest = body.partition(".") if has_filter else ("", "", body)
    if scheme is None or not is_escaped(rest):
        return
    fields = split_fields(scheme, rest)
    if has_filter and (written := write_tag(scheme.name, fields, int(filter_value)) if _fits(head, body) else None):
        yield written.uri
    if scheme.digits and len(fields) > _REFERENCE and (short := _without_check_digit(scheme.is_leading, fields)):
        yield head + filter_value + dot + ".".join([fields[_PREFIX], short, *rest.split(".")[_REFERENCE + 1 :]])


def _fits(head: str, body: str) -> bool:
    """Whether a tag's fields are right, so that only another of its scheme's tags may hold them."""
    filter_value, _, rest = body.partition(".")
    pure = f"urn:epc:id:{head.removeprefix(TAG_URN).split('-')[0]}:{rest}"
    return re.fullmatch("[0-7]", filter_value) is not None and not read_epc_uri(pure).findings


def _without_check_digit(is_leading: bool, fields: list[str]) -> str | None:
    """Return the reference without the check digit that stands behind it; None where it is none."""
    prefix, reference = fields[_PREFIX], fields[_REFERENCE]
    if not (prefix.isdigit() and reference.isdigit() and (prefix + reference).isascii()):
        return None
    short = reference[:-1]
    number = short[:1] + prefix + short[1:] if is_leading else prefix + short
    return short if check_digit(number) == int(reference[-1]) else None


def _is_right(text: str) -> bool:
    read = read_urn(text)
    return not read.findings and not any(AIS[ai].fault(value) for ai, value in read.pairs)
