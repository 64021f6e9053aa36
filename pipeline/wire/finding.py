"""Findings on their way through `internal`, and the alerts they raise as the ledger keeps them in `units`.

Flow: Finding -> key and framed record; Raised -> framed bytes, and back.
"""

from collections.abc import Mapping
from dataclasses import fields
from operator import attrgetter
from typing import Any, Final

from pipeline.domain.finding import Finding, content_of
from pipeline.domain.raised import Piece, Raised
from pipeline.domain.verdict import ALERT_STATUSES
from pipeline.wire.body import decode_body
from pipeline.wire.framing import FRAME_BYTES
from pipeline.wire.schemas import catalogue, encode

NO_BASE: Final = -1
_PIECE: Final = tuple(one.name for one in fields(Piece))
_ALERT: Final = tuple(one.name for one in fields(Raised))
_of_piece: Final = attrgetter(*_PIECE)  # a tenth of what asdict takes, and an alert may have a thousand


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
    plain = {name: getattr(raised, name) for name in _ALERT}
    plain["status"] = ALERT_STATUSES[raised.status]
    plain["pieces"] = [dict(zip(_PIECE, _of_piece(piece), strict=True)) for piece in raised.pieces]
    return encode("finding", plain)


def decode_raised(value: bytes) -> Raised:
    """Read an alert that we wrote ourselves."""
    plain = decode_body(catalogue().version("finding").parsed, value[FRAME_BYTES:])
    plain["status"] = ALERT_STATUSES.index(plain["status"])
    plain["pieces"] = [Piece(**piece) for piece in plain["pieces"]]
    return Raised(**plain)
