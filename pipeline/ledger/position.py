"""Where a partition stands, and the record that says so."""

from dataclasses import asdict, dataclass
from typing import Any

from pipeline.domain.compiled import RULES_VERSION
from pipeline.domain.reference import Entry, Reference
from pipeline.wire.schemas import decode, encode


@dataclass(slots=True)
class Position:
    """Next offset of both inputs, the last ordinal given out, the reference version in force."""

    scans_next: int = 0
    internal_next: int = 0
    ordinal: int = 0
    reference_version: int = 0


def encode_position(position: Position, reference: Reference) -> bytes:
    """Encode the record that closes a batch."""
    fields: dict[str, Any] = {name: getattr(position, name) for name in Position.__slots__}
    return encode("position", fields | {"sites": len(reference.sites), "rules_version": RULES_VERSION})


def decode_position(value: bytes) -> Position:
    """Read the record that closed the last batch."""
    fields = decode(value)[1]
    return Position(**{name: fields[name] for name in Position.__slots__})


def encode_entry(entry: Entry) -> bytes:
    """Encode one entry of the reference data in force."""
    return encode("reference", asdict(entry))


def decode_entry(value: bytes) -> Entry:
    """Read one entry of the reference data in force."""
    return Entry(**decode(value)[1])
