"""The lines sent in one request: scans for its body, and those that are none, refused on the way.

Flow: entries of the spool -> one body of NDJSON, which line of it is which line of the spool, and refusals.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from pipeline.agent.answers import Malformed
from pipeline.agent.refusals import Refusal
from pipeline.agent.segment import Damage, Entry
from pipeline.agent.taken import Taken, read_taken

MOST_BYTES: Final = 4 * 1024 * 1024


@dataclass(frozen=True)
class Batch:
    """Some lines in order; `last` is the last of them, whatever became of it."""

    first: int
    last: int
    numbers: list[int]
    """The lines that are scans, in the order of the body."""
    scans: list[bytes]
    refused: list[Refusal]

    @cached_property
    def body(self) -> bytes:
        """The scans as NDJSON."""
        return b"\n".join(self.scans)

    @cached_property
    def payload_sha256(self) -> str:
        """The hash of the body, which the receipt repeats."""
        return hashlib.sha256(self.body).hexdigest()

    def idempotency_key(self, spool: str) -> str:
        """Return a name for this request: the same for the same lines, another where lines are sent anew."""
        return f"{spool}-{self.first}-{self.last}-{self.payload_sha256[:16]}"

    def refused_by(self, malformed: Sequence[Malformed], receipt: str, now: str) -> list[Refusal]:
        """Return the refusals of those scans that capture did not queue."""
        return [
            Refusal(
                self.numbers[one.index], "capture", one.reason, one.message, self.scans[one.index].decode(), now,
                one.field, receipt,
            )
            for one in malformed
        ]  # fmt: skip


def build_batch(found: Sequence[Entry | Damage], now: str, most_bytes: int = MOST_BYTES) -> Batch:
    """Return a batch of the first of some lines, at least one.

    Args:
        found: Lines in order, at least one.
        now: The time, for what is refused.
        most_bytes: Of a body, unless one scan has more.
    """
    numbers: list[int] = []
    scans: list[bytes] = []
    refused: list[Refusal] = []
    size, last = 0, found[0].number - 1
    for one in found:
        taken = read_taken(one.text) if isinstance(one, Entry) else None
        if taken is not None and taken.is_scan:
            size += len(taken.body) + 1
            if scans and size > most_bytes:
                break
            numbers.append(one.number)
            scans.append(taken.body)
        elif isinstance(one, Damage):
            refused.append(_lost(one, now))
        elif taken is not None and taken.fault is not None:
            refused.append(_no_scan(one.number, taken))
        last = one.last
    return Batch(found[0].number, last, numbers, scans, refused)


def _no_scan(number: int, taken: Taken) -> Refusal:
    assert taken.fault is not None
    text = taken.body.decode("utf-8", "backslashreplace")
    return Refusal(number, "line", taken.fault.reason, taken.fault.message, text, taken.fault.read_at)


def _lost(damage: Damage, now: str) -> Refusal:
    many = f"lines {damage.number:,} to {damage.last:,}" if damage.last > damage.number else f"line {damage.number:,}"
    message = f"{many} of the spool cannot be read any more: its disk is damaged; the file is kept as *.damaged"
    return Refusal(damage.number, "spool", "DAMAGED", message, "", now)
