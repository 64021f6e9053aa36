"""The body of a request: read, decompressed and never larger than allowed, whatever it would become.

Flow: a request's chunks -> its bytes as sent -> its bytes as meant.
"""

from __future__ import annotations

import asyncio
import re
import zlib
from collections.abc import AsyncIterator
from typing import Final

import numpy as np
from cramjam import DecompressionError, zstd

from pipeline.capture.http.problems import Refused
from pipeline.capture.http.room import Held

MOST_BYTES: Final = 16 * 1024 * 1024
"""Of a body, as sent and decompressed alike."""
GZIP: Final = "gzip"
ZSTD: Final = "zstd"
CODINGS: Final = (GZIP, ZSTD)
_READ_SECONDS: Final = 60.0
_MOST_MEMBERS: Final = 64  # of one gzip: each costs a copy of what follows it
_GZIP_FORM: Final = 16 + zlib.MAX_WBITS
_ZSTD_BEGINNING: Final = re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18")  # a frame, or one to be skipped


async def read_body(chunks: AsyncIterator[bytes], held: Held, most: int = MOST_BYTES) -> bytes:
    """Read a body as it was sent.

    Raises: Refused: 413 where it is too large, 408 where it takes too long, 429 where there is no room for it.
    """
    parts, size = [], 0
    try:
        async with asyncio.timeout(_READ_SECONDS):
            async for chunk in chunks:
                size += len(chunk)
                if size > most:
                    raise too_large(most)
                held.take(len(chunk))
                parts.append(chunk)
    except TimeoutError:
        raise Refused(408, "TOO_SLOW", f"The body did not arrive within {_READ_SECONDS:.0f} s.") from None
    return b"".join(parts)


def coding_of(header: str | None) -> str:
    """Return how a body is compressed: "gzip", "zstd", or nothing.

    Raises: Refused (415) where it is another way, or several.
    """
    name = (header or "").strip().lower()
    if name in ("", "identity"):
        return ""
    if name == "x-gzip":
        return GZIP
    if name not in CODINGS:
        detail = f"Content-Encoding {header!r} is not understood: send the body as it is, or as gzip or zstd."
        raise Refused(415, "CODING_UNKNOWN", detail, headers={"Accept-Encoding": ", ".join(CODINGS)})
    return name


def decompress(body: bytes, coding: str, held: Held, most: int = MOST_BYTES) -> bytes:
    """Return a body as it was meant.

    Raises: Refused: 413 where it becomes too large, 400 where it cannot be decompressed, 429 where there is no room.
    """
    if not coding:
        return body
    whole = _gunzip(body, most) if coding == GZIP else _unzstd(body, most)
    held.take(len(whole))
    return whole


def _gunzip(body: bytes, most: int) -> bytes:
    parts: list[bytes] = []
    size, rest = 0, body
    while rest or not parts:
        if len(parts) == _MOST_MEMBERS:
            raise _damaged(GZIP, f"it has more than {_MOST_MEMBERS} members")
        member = zlib.decompressobj(_GZIP_FORM)
        try:
            part = member.decompress(rest, most + 1 - size)
        except zlib.error as error:
            raise _damaged(GZIP, str(error)) from None
        size += len(part)
        if size > most:
            raise too_large(most)
        if not member.eof:
            raise _damaged(GZIP, "it ends too early")
        parts.append(part)
        rest = member.unused_data.lstrip(b"\0")  # padding, as gzip ignores it
    return b"".join(parts)


def _unzstd(body: bytes, most: int) -> bytes:
    """Decompress into a room of fixed size; memory that is never written is never taken."""
    if not _ZSTD_BEGINNING.match(body):
        raise _damaged(ZSTD, "it does not begin as zstd does")
    room = np.empty(most + 1, np.uint8).data
    try:
        size = int(zstd.decompress_into(body, room))
    except DecompressionError as error:
        if "failed to write whole buffer" in str(error):
            raise too_large(most) from None
        raise _damaged(ZSTD, str(error)) from None
    if size > most:
        raise too_large(most)
    return room[:size].tobytes()


def too_large(most: int) -> Refused:
    """Return the refusal of a body that is too large."""
    return Refused(413, "TOO_LARGE", f"The body has more than {most:,} bytes: send it in several requests.")


def _damaged(coding: str, why: str) -> Refused:
    return Refused(400, "NOT_DECOMPRESSED", f"The body is not the {coding} that Content-Encoding says: {why}.")
