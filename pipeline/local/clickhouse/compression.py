"""HTTP compression both ways: bodies that come compressed, answers that a client accepts compressed."""

from collections.abc import Callable
from typing import Final, cast

import cramjam

from pipeline.local.clickhouse.failures import UNSUPPORTED_MEDIA_TYPE, QueryError

_UNPACK: Final[dict[str, Callable[[bytes], bytes]]] = {
    "gzip": lambda body: bytes(cramjam.gzip.decompress(body)),
    "x-gzip": lambda body: bytes(cramjam.gzip.decompress(body)),
    "zstd": lambda body: bytes(cramjam.zstd.decompress(body)),
    "lz4": lambda body: bytes(cramjam.lz4.decompress(body)),
    "br": lambda body: bytes(cramjam.brotli.decompress(body)),
    "deflate": lambda body: bytes(cramjam.zlib.decompress(body)),
    "snappy": lambda body: bytes(cramjam.snappy.decompress(body)),
    "bz2": lambda body: bytes(cramjam.bzip2.decompress(body)),
    "xz": lambda body: bytes(cramjam.xz.decompress(body)),
}
# In the order of preference where a client accepts several: the cheapest first.
_PACK: Final[dict[str, Callable[[], object]]] = {
    "lz4": cramjam.lz4.Compressor,
    "zstd": lambda: cramjam.zstd.Compressor(1),
    "gzip": lambda: cramjam.gzip.Compressor(3),
    "deflate": lambda: cramjam.zlib.Compressor(3),
    "br": lambda: cramjam.brotli.Compressor(1),
    "snappy": cramjam.snappy.Compressor,
    "xz": lambda: cramjam.xz.Compressor(1),
    "bz2": lambda: cramjam.bzip2.Compressor(3),
}


class Packer:
    """Compresses an answer chunk by chunk; without an encoding it passes everything on as it is."""

    def __init__(self, encoding: str | None) -> None:
        self.encoding = encoding
        self._compressor = None if encoding is None else cast(cramjam.gzip.Compressor, _PACK[encoding]())

    def pack(self, chunk: bytes) -> bytes:
        """Return what may be sent after this chunk, which may be nothing yet."""
        if self._compressor is None:
            return chunk
        self._compressor.compress(chunk)
        return bytes(self._compressor.flush())

    def finish(self) -> bytes:
        """Return the last bytes."""
        return b"" if self._compressor is None else bytes(self._compressor.finish())


def unpack(body: bytes, encoding: str | None) -> bytes:
    """Undo the Content-Encoding of a request's body.

    Raises:
        QueryError: The encoding is unknown, or the body is not of it.
    """
    if not encoding or encoding == "identity":
        return body
    unpacker = _UNPACK.get(encoding.lower().strip())
    if unpacker is None:
        message = f"Unknown compression method: {encoding}. (UNSUPPORTED_MEDIA_TYPE)"
        raise QueryError(UNSUPPORTED_MEDIA_TYPE, message)
    try:
        return unpacker(body)
    except cramjam.DecompressionError as error:
        raise QueryError(354, f"Cannot decompress the body: {error}. (CANNOT_DECOMPRESS)") from error


def choose_encoding(accepted: str, is_enabled: bool | None) -> str | None:
    """Pick the encoding of an answer from Accept-Encoding; ClickHouse compresses only where the query enables it."""
    if not is_enabled:
        return None
    offers = {
        part.partition(";")[0].strip().lower() for part in accepted.split(",") if ";q=0" not in part.replace(" ", "")
    }
    return next((name for name in _PACK if name in offers), None)
