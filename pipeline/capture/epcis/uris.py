"""Whether a text is a URI.

Source: RFC 3986, appendix A, without relative references: what the JSON Schema's format "uri" asks for.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Final

_PCHAR: Final = r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})"
_NAME: Final = r"(?:[A-Za-z0-9\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})*"
_USER: Final = r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:]|%[0-9A-Fa-f]{2})*"
_FUTURE: Final = re.compile(r"v[0-9A-Fa-f]+\.[A-Za-z0-9\-._~!$&'()*+,;=:]+")
_URI: Final = re.compile(
    r"[A-Za-z][A-Za-z0-9+.\-]*:"
    rf"(?://(?:{_USER}@)?(?:\[(?P<literal>[^\]]*)\]|{_NAME})(?::[0-9]*)?(?:/{_PCHAR}*)*"
    rf"|/(?:{_PCHAR}+(?:/{_PCHAR}*)*)?"
    rf"|{_PCHAR}+(?:/{_PCHAR}*)*"
    r"|)"
    rf"(?:\?(?:{_PCHAR}|[/?])*)?(?:\#(?:{_PCHAR}|[/?])*)?"
)


def is_uri(text: str) -> bool:
    """Whether a text is a URI with a scheme."""
    found = _URI.fullmatch(text)
    return found is not None and (found["literal"] is None or _is_address(found["literal"]))


def _is_address(literal: str) -> bool:
    if _FUTURE.fullmatch(literal):
        return True
    try:
        ipaddress.IPv6Address(literal)
    except ValueError:
        return False
    return "%" not in literal  # a zone is no part of RFC 3986
