"""What units tell units of other partitions: records for `internal`, made while a record is accounted for.

Flow: moves, memberships, labels -> derived scans, EDGE, FANOUT and ALIAS records, each to where its unit lives.

Everything is named by the record that caused it, so a replay writes the same bytes.
"""

import json
from collections import Counter
from typing import Any, Literal

from pipeline.ledger.outputs import Sent
from pipeline.ledger.where import Where
from pipeline.wire.derived_scan import Told
from pipeline.wire.schemas import encode

Kind = Literal["EDGE", "FANOUT", "ALIAS"]
AUTHOR = "ledger"


class Telling:
    """What is told on account of one batch."""

    def __init__(self, where: Where, sent: Sent) -> None:
        self._where, self._sent = where, sent
        self._written: Counter[int] = Counter()

    def tell(self, member: bytes, told: Told) -> None:
        """Tell a member of a move, or that it was none."""
        self.send(member, told.scan_of(member))

    def write(self, kind: Kind, subject: bytes, content: dict[str, Any], cause: tuple[int, int]) -> None:
        """Write a record for the owner of a unit; `cause` is the ordinal and the append time of what causes it."""
        ordinal, received_at = cause
        fields = {
            "id": f"{self._where.partition}.{ordinal}.{self._written[ordinal]}",
            "kind": kind,
            "subject": subject.decode(),
            "base": -1,
            "author": AUTHOR,
            "sent_at": received_at,
            "content": json.dumps(content),
        }
        self._written[ordinal] += 1
        self.send(subject, encode("internal", fields))

    def send(self, key: bytes, value: bytes) -> None:
        """Send a record to where its key belongs."""
        self._sent.add(key, value)
