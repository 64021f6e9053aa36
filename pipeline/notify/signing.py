"""The signature of a webhook: who has the secret can tell that a body is ours, and how old it is.

headers["X-Scanledger-Signature"] = signature(secret, b'{"event": …}', 1764000000)
is_signed(secret, body, headers["X-Scanledger-Signature"], now=1764000003)         # what a receiver does
"""

import hashlib
import hmac
import re
from typing import Final

HEADER: Final = "X-Scanledger-Signature"
_GIVEN: Final = re.compile(r"t=(\d{1,15}),v1=([0-9a-f]{64})")
_TOLERANCE_SECONDS: Final = 300


def signature(secret: str, body: bytes, seconds: int) -> str:
    """Return `t=…,v1=hex(hmac_sha256(secret, t + "." + body))`; t is the time of the attempt in seconds since 1970."""
    signed = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256)
    return f"t={seconds},v1={signed.hexdigest()}"


def is_signed(secret: str, body: bytes, header: str, now: float, tolerance: float = _TOLERANCE_SECONDS) -> bool:
    """Tell whether a body was signed with a secret, not longer ago than the tolerance."""
    given = _GIVEN.fullmatch(header)
    if given is None or abs(now - int(given[1])) > tolerance:
        return False
    return hmac.compare_digest(signature(secret, body, int(given[1])), header)
