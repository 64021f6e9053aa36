"""Files of rows spoiled at random: cells that say nonsense, and bytes that are no rows; and what they come to."""

import csv
import io
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from pipeline.capture.files import RowFile
from pipeline.capture.importing import Counts, RejectedFile, import_file
from pipeline.capture.mapping import Mapping
from pipeline.domain.unit_key import parse
from pipeline.errors import FileUnreadable, MappingWrong
from pipeline.wire.scan import decode_scans

_COMMON: Final[dict[str, Any]] = {
    "site": {"column": "site"},
    "fields": {"lot": {"column": "lot"}, "expiry": {"column": "best_before"}, "container": {"column": "pallet"}},
    "attributes": {"colour": "colour"},
}
MAPPINGS: Final = tuple(
    Mapping.model_validate(_COMMON | units | {"steps": [{"step": "RECEIVE", "time": {"column": "at", **form}}]})
    for units, form in (
        ({"item": {"scheme": "gtin", "columns": ["gtin"]}, "serial": {"column": "serial"}}, {}),
        ({"serial": {"column": "serial", "scheme": "giai"}}, {"zone": "Europe/Berlin"}),
        ({"code": {"column": "code"}}, {}),
    )
)
"""Each makes one scan of a row."""

_CELLS: Final[tuple[Any, ...]] = (
    "", " ", "\0", "\t", '"', '""', "'", ",", "a,b", 'a"b', "a\nb", "a\r\nb", "\r", "\x1d", "ä\u0301", "\U0001f600",
    "x" * 300, "x" * 40_000, "%", "/", "%2F", "//", "null", "NaN", "0", "-1", "9" * 40, "1e999", "=1+1", "\ufeff",
    "9506000134352", "09506000134351", "(01)09506000134352(21)", "https://id.gs1.org/01/09506000134352/21/%",
    "3074257BF7194E4000001A85", "2026-13-01", "2026-02-30", "0000-01-01", "99999-01-01", "2026-11-02T24:00:00Z",
    "2026-03-29T02:30:00", "2026-10-25T02:30:00", "2026-11-02T09:20:00.123456789+23:59", "2026-11-02 09:20", "soon",
)  # fmt: skip
_VALUES: Final[tuple[Any, ...]] = (
    None, True, 0, -1, 2**63, 2**64, 10**40, 1.5, -0.0, 1e308, [], {}, [[]], {"a": {}}, ["x"], *_CELLS,
)  # fmt: skip
_PIECES: Final = (
    b"", b"\0", b"\xff", b"\xc3", b'"', b"\\", b"{", b"}", b"[", b"]", b",", b"\n", b"\r", b"\n\n", b"null", b"1e999",
    b"\\ud800", b"9" * 30, b"[" * 2000, b"\xef\xbb\xbf", b"\xff\xfe", b'"\n"', b";", b"\x1a", b"{}", b"NaN",
)  # fmt: skip

Row = dict[str, Any]
Write = Callable[[Sequence[Row]], bytes]


def a_row(number: int) -> Row:
    """Return a row that is right for every mapping."""
    return {
        "gtin": "09506000134352", "serial": f"S{number}", "code": f"(01)09506000134352(10)L1(21)S{number}",
        "site": "shop-oslo", "at": "2026-11-02T09:20:00Z", "lot": "L1", "best_before": "2027-01-31", "pallet": None,
        "colour": "red", "note": "nobody's",
    }  # fmt: skip


def spoiled_row(row: Row, chance: random.Random, *, as_json: bool) -> Row:
    """Return a row with one or two cells of nonsense; as JSON it may also lack a cell, or have one more."""
    spoiled = dict(row)
    for _ in range(chance.choice((1, 1, 2))):
        name = chance.choice(list(row))
        spoiled[name] = chance.choice(_VALUES if as_json else _CELLS)
    if as_json and chance.random() < 0.2:
        spoiled.pop(chance.choice(list(row)), None)
        spoiled[chance.choice(("more", "", "rejected_row", "rejected_because", "\u00e4"))] = 1
    return spoiled


def spoiled_bytes(data: bytes, chance: random.Random) -> bytes:
    """Return a file's bytes with a few of them changed, put in or cut off."""
    for _ in range(chance.choice((1, 1, 2, 3))):
        at = chance.randint(0, len(data))
        end = chance.choice((at, at, min(at + 1, len(data)), min(at + 40, len(data)), len(data)))
        data = data[:at] + chance.choice(_PIECES) + data[end:]
    return data


def as_csv(rows: Sequence[Row]) -> bytes:
    """Return rows that have the same cells as CSV."""
    text = io.StringIO()
    out = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    out.writeheader()
    out.writerows(rows)
    return text.getvalue().encode()


def as_ndjson(rows: Sequence[Row]) -> bytes:
    """Return rows as NDJSON."""
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


@dataclass(frozen=True)
class Result:
    """What an import came to: why rows were rejected, and the scans of the others, both by row from 1."""

    counts: Counts
    rejected: dict[int, str]
    scans: dict[int, tuple[bytes, bytes]]


def imported(file: Path, mapping: Mapping) -> Result | None:
    """Import a file as the verb does, with a list for a log; None where it is refused as a whole, with a sentence."""
    sent: list[tuple[bytes, bytes]] = []
    reasons = RejectedFile(file.with_name("rejected.ndjson"))
    reasons.file.unlink(missing_ok=True)
    try:
        counts = import_file(
            RowFile(file), mapping, lambda keys, values: sent.extend(zip(keys, values, strict=True)), reasons,
            progress=lambda _: None,
        )  # fmt: skip
    except (FileUnreadable, MappingWrong) as error:
        assert str(error).endswith("."), error
        return None
    rejected = {int(row["rejected_row"]): str(row["rejected_because"]) for row in _rows_of(reasons.file)}
    taken = [row for row in range(1, counts.rows + 1) if row not in rejected]
    assert counts.rejected == len(rejected)
    assert all(rejected.values())
    assert not decode_scans([value for _, value in sent]).error.any()
    assert all(parse(key.decode()).text.encode() == key for key, _ in sent)
    return Result(counts, rejected, dict(zip(taken, sent, strict=True)))


def _rows_of(file: Path) -> list[Row]:
    return pl.read_ndjson(file, infer_schema_length=None).to_dicts() if file.exists() else []
