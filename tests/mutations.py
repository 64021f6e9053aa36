"""Requests of scans spoiled at random: what a broken scanner, a bad line or an attacker might send."""

import gzip
import json
import random
from typing import Any

import cramjam

from tests.http_house import a_scan

CODINGS = ("", "gzip", "zstd")
_PIECES = (
    b"", b"\0", b"\xff", b'"', b"\\", b"{", b"}", b"[", b"]", b",", b"\n", b"null", b"1e999", b"-0", b"\\ud800",
    b"9" * 30, b"[" * 2000, b'"\\u0000"', "ä\u0301".encode(), b"(01)", b"\x1d", b"%2F", b"NaN", b"true", b" ",
)  # fmt: skip
_VALUES: tuple[Any, ...] = (
    None, True, 0, -1, 2**63, 2**64, 1.5, "", " ", "\x1d", "\ud7ff", "x" * 300, [], {}, [[]], {"a": {}}, ["recalled"],
    "(01)09506000134352(21)" + "9" * 30, "https://id.gs1.org/01/09506000134352/21/%", "urn:epc:id:sgtin:1.2.3",
    "gtin:09506000134352", "gtin:09506000134352/%2f", "urn:epc:tag:sgtin-96:3.0614141.812345.6789", "]d2", "^", "(",
    "3074257BF7194E4000001A85", "imei:49015420323751", "vin:1M8GDM9AXKP042788", "sku://", "9999-12-31T23:59:59-23:59",
)  # fmt: skip
_NAMES = (
    "code", "item", "serial", "step", "site", "event_time", "capture_time", "scan_id", "corrects", "container",
    "other_unit", "lot", "expiry", "attributes", "flags_set", "flags_unset", "reader", "other",
)  # fmt: skip


def a_request(chance: random.Random) -> tuple[bytes, str, str]:
    """Return a body, its form and its coding; many are wrong in one place, some in several."""
    scans: list[Any] = [_spoiled_scan(chance) for _ in range(chance.randint(0, 4))]
    form = chance.choice(("json", "ndjson"))
    separator = b"\n" if form == "ndjson" else b","
    body = separator.join(json.dumps(scan).encode() for scan in scans)
    body = body if form == "ndjson" else b"[" + body + b"]"
    for _ in range(chance.choice((0, 0, 0, 1, 1, 2, 5))):
        body = _spoiled(chance, body)
    coding = chance.choice(CODINGS)
    packed = {"": body, "gzip": gzip.compress(body, 1), "zstd": bytes(cramjam.zstd.compress(body))}[coding]
    return (_spoiled(chance, packed) if coding and chance.random() < 0.2 else packed), form, coding


def _spoiled_scan(chance: random.Random) -> Any:  # noqa: ANN401  JSON
    scan = a_scan(code=f"(01)09506000134352(21){chance.randint(0, 9)}")
    for _ in range(chance.choice((0, 1, 1, 2, 3))):
        scan[chance.choice(_NAMES)] = chance.choice(_VALUES)
    return scan if chance.random() < 0.9 else chance.choice(_VALUES)


def _spoiled(chance: random.Random, body: bytes) -> bytes:
    start = chance.randint(0, len(body))
    end = min(len(body), start + chance.choice((0, 0, 1, 1, 4, 40)))
    return body[:start] + chance.choice(_PIECES) + body[end:]
