"""Findings on their way through `internal`, and the alerts they raise as the ledger keeps them in `units`.

Flow: Finding -> key and framed record; Raised -> framed bytes, and back.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from pipeline.domain.finding import Finding, content_of
from pipeline.domain.raised import Piece, Raised
from pipeline.domain.verdict import ALERT_STATUSES
from pipeline.wire.body import decode_body
from pipeline.wire.framing import FRAME_BYTES
from pipeline.wire.schemas import catalogue, encode

NO_BASE: Final = -1


def finding_record(finding: Finding, evidence: Mapping[str, Any], author: str, sent_at: int) -> tuple[bytes, bytes]:
    """Return key and value of the record that states a finding: its subject decides the partition."""
    fields = {
        "id": finding.id,
        "kind": "FINDING",
        "subject": finding.subject,
        "base": NO_BASE,
        "author": author,
        "sent_at": sent_at,
        "content": content_of(finding, evidence),
    }
    return finding.subject.encode(), encode("internal", fields)


def encode_raised(raised: Raised) -> bytes:
    """Encode an alert."""
    return encode("finding", asdict(raised) | {"status": ALERT_STATUSES[raised.status]})


def decode_raised(value: bytes) -> Raised:
    """Read an alert that we wrote ourselves."""
    plain = decode_body(catalogue().version("finding").parsed, value[FRAME_BYTES:])
    plain["status"] = ALERT_STATUSES.index(plain["status"])
    plain["pieces"] = [Piece(**piece) for piece in plain["pieces"]]
    return Raised(**plain)
