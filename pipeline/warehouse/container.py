"""Avro container files of one block, made of record bodies as they came from Kafka.

Flow: framed records of one schema in, one Avro file as ClickHouse reads it out; no record is decoded.
"""

import json
from collections.abc import Sequence
from functools import cache

from pipeline.wire.framing import FRAME_BYTES
from pipeline.wire.schemas import SchemaVersion, catalogue

_SEVEN_BITS = 0x7F
_SYNC = b"one block a file"  # 16 bytes; a marker only has to be the same at both ends of a block


def container(known: SchemaVersion, framed: Sequence[bytes]) -> bytes:
    """Join framed records of one schema into a container file of one block."""
    bodies = b"".join([record[FRAME_BYTES:] for record in framed])
    header = _header(known.record, known.version)
    return b"".join((header, _zigzag(len(framed)), _zigzag(len(bodies)), bodies, _SYNC))


@cache
def _header(record: str, version: int) -> bytes:
    schema = json.dumps(catalogue().schema(record, version)).encode()
    entries = {b"avro.schema": schema, b"avro.codec": b"null"}
    text = b"".join(_sized(key) + _sized(value) for key, value in entries.items())
    return b"".join((b"Obj\x01", _zigzag(len(entries)), text, b"\x00", _SYNC))


def _sized(text: bytes) -> bytes:
    return _zigzag(len(text)) + text


def _zigzag(number: int) -> bytes:
    rest, out = number << 1, bytearray()
    while rest > _SEVEN_BITS:
        out.append(rest & _SEVEN_BITS | 0x80)
        rest >>= 7
    out.append(rest)
    return bytes(out)
