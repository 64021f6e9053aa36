"""The Confluent wire format: a zero byte, the schema id in four bytes, the Avro body.

Flow: body and schema id in, framed bytes out, and back.
"""

import struct

FRAME_BYTES = 5
_FRAME = struct.Struct(">bI")


class Undecodable(ValueError):
    """Bytes that are no record of the catalogue; `error` is the word that goes into a dead letter."""

    def __init__(self, *, error: str, detail: str) -> None:
        super().__init__(f"{error}: {detail}")
        self.error = error
        self.detail = detail


def frame(schema_id: int) -> bytes:
    """Return the five bytes that go in front of a body written with that schema."""
    return _FRAME.pack(0, schema_id)


def unframe(value: bytes) -> tuple[int, bytes]:
    """Take the schema id and the body apart.

    Raises:
        Undecodable: TRUNCATED where the frame is not complete, UNDECODABLE where the bytes are in another format.
    """
    if len(value) < FRAME_BYTES:
        raise Undecodable(error="TRUNCATED", detail=f"{len(value)} bytes are less than a frame")
    magic, schema_id = _FRAME.unpack_from(value)
    if magic != 0:
        raise Undecodable(
            error="UNDECODABLE", detail=f"the first byte is {value[0]}, not 0: not the Confluent wire format"
        )
    return schema_id, value[FRAME_BYTES:]
