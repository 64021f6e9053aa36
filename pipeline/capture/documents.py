"""Documents: the units somebody expects under an ASN, an order, a count sheet or a return authorisation.

Flow: a CSV or JSON file, or the body of a request -> Document -> the contents of records of `internal`, by partition.
"""

import csv
import json
import re
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any, Final

from pipeline.broker.send import Sender
from pipeline.capture.codes import CODES, CodeReader
from pipeline.domain.expected import DOCUMENT_KINDS, document_kind, names_containers
from pipeline.domain.identifiers.document_name import one_name
from pipeline.domain.routing import partition_of
from pipeline.errors import DocumentWrong
from pipeline.settings import Settings
from pipeline.wire.schemas import encode

UNITS_A_RECORD: Final = 1_500
"""Units in one record of `internal`: a key has at most 401 bytes, a sale 128, a record 1 MiB."""

MAX_ID_BYTES: Final = 128  # as of a document in a scan
FAULTS_SHOWN: Final = 20
_COLUMNS: Final = frozenset({"document", "unit", "sale", "site", "location"})
_NAMES: Final = frozenset({"document", "sale"})
"""Columns that name a document."""
_HALF: Final = re.compile("[\ud800-\udfff]")
"""Half of a character: JSON can write it, nothing else can."""


@dataclass(frozen=True, slots=True)
class ExpectedUnit:
    """One unit of a document; `sale` is the document it was sold under, where a return is authorised against it."""

    key: str
    sale: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """What is expected under one name: `asn:…`, `order:…`, `count:…`, `rma:…`; a count also names its place."""

    name: str
    units: tuple[ExpectedUnit, ...] = ()
    site: str = ""
    location: str = ""


def read_documents(file: Path, codes: CodeReader = CODES) -> list[Document]:
    """Read a whole file before anything is sent: CSV with the columns document, unit, sale, site, location, or JSON.

    A document may have several rows; a row without a unit only says that the document exists and where.

    Raises:
        DocumentWrong: the file cannot be read, or rows are wrong; the message names each.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "some of it is none"
        message = f"{file} cannot be read as text in UTF-8: {why}"
        raise DocumentWrong(message) from error
    try:
        rows = _rows_of_json(text) if file.suffix.lower() == ".json" else _rows_of_csv(text)
        return documents_of(rows, codes)
    except DocumentWrong as wrong:
        message = f"{file}: {wrong}"
        raise DocumentWrong(message) from None


def documents_of(rows: Iterable[tuple[str, Mapping[str, str]]], codes: CodeReader = CODES) -> list[Document]:
    """Return the documents of rows, each with the words that say where it stands.

    A raw element string that has lost its FNC1 is taken in any case: nothing is moved by what is expected.

    Raises:
        DocumentWrong: naming every faulty row.
    """
    found: dict[str, _Growing] = {}
    reader = replace(codes, lenient=True)
    faults: list[str] = []
    name_of = cache(one_name)
    for where, written in rows:
        row = {column: name_of(text) if column in _NAMES else text for column, text in written.items()}
        wrong = _fault_of(row)
        if not wrong:
            wrong = found.setdefault(row["document"], _Growing()).add(row, reader)
        if wrong:
            faults.append(f"{where}: {wrong}")
    if faults:
        more = f"\n… and {len(faults) - FAULTS_SHOWN} more" if len(faults) > FAULTS_SHOWN else ""
        message = f"{len(faults)} faults, nothing was sent:\n" + "\n".join(faults[:FAULTS_SHOWN]) + more
        raise DocumentWrong(message)
    return [growing.whole(name) for name, growing in found.items()]


class _Growing:
    """A document while its rows come in."""

    def __init__(self) -> None:
        self._units: dict[str, ExpectedUnit] = {}
        self._place = ("", "")

    def add(self, row: Mapping[str, str], codes: CodeReader) -> str:
        """Take a row in; return what is wrong with it, or nothing."""
        place = (row.get("site", ""), row.get("location", ""))
        if any(place) and any(self._place) and place != self._place:
            return f"{row['document']} is at {self._place} in an earlier row, at {place} here"
        self._place = place if any(place) else self._place
        if not row.get("unit"):
            return ""
        read = codes.read_one(row["unit"])
        if read.key is None:
            return f"{row['unit']!r} names no unit: {read.wrong}"
        unit = ExpectedUnit(read.key, row.get("sale", ""))
        if self._units.setdefault(read.key, unit) != unit:
            return f"{read.key} has another sale in an earlier row"
        return ""

    def whole(self, name: str) -> Document:
        return Document(name, tuple(self._units.values()), *self._place)


def _fault_of(row: Mapping[str, str]) -> str:
    if unknown := sorted(set(row) - _COLUMNS):
        return f"unknown {', '.join(unknown)}; there are {', '.join(sorted(_COLUMNS))}"
    name = row.get("document", "")
    if not document_kind(name):
        return f"document {name!r} is none of {', '.join(f'{kind}:…' for kind in DOCUMENT_KINDS)}"
    long = next((column for column, text in row.items() if len(text.encode()) > _most(column)), "")
    return f"{long} has more than {_most(long)} bytes" if long else ""


def _most(column: str) -> int:
    return 1024 if column == "unit" else MAX_ID_BYTES


def _rows_of_csv(text: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    rows = csv.DictReader(StringIO(text, newline=""), strict=True)
    if "document" not in (rows.fieldnames or ()):
        message = "no column document; the header is document,unit,sale,site,location, the last three where needed"
        raise DocumentWrong(message)
    try:
        for row in rows:
            if None in row:
                message = f"row {rows.line_num}: more values than columns"
                raise DocumentWrong(message)
            yield f"row {rows.line_num}", {name: (value or "").strip() for name, value in row.items()}
    except csv.Error as error:
        message = f"row {rows.line_num}: {error}"
        raise DocumentWrong(message) from error


def _rows_of_json(text: str) -> list[tuple[str, Mapping[str, str]]]:
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError) as error:
        message = f"no JSON: {error}"
        raise DocumentWrong(message) from error
    return rows_of(whole)


def rows_of(whole: Any) -> list[tuple[str, Mapping[str, str]]]:  # noqa: ANN401  what JSON may be
    """Return the rows of one document, or of a list of them, as JSON states them.

    Shape: {"document": "asn:1", "site"?: …, "location"?: …, "units"?: ["(01)…(21)…" or {"unit": …, "sale"?: …}, …]}.

    Raises:
        DocumentWrong: it has another shape.
    """
    rows: list[tuple[str, Mapping[str, str]]] = []
    for number, one in enumerate(whole if isinstance(whole, list) else [whole]):
        where = f"[{number}]"
        if not isinstance(one, dict) or not isinstance(one.get("units", []), list):
            message = f'{where}: not of the form {{"document": "asn:…", "units": […]}}'
            raise DocumentWrong(message)
        shared = {name: value for name, value in one.items() if name != "units"}
        rows.append((where, _texts(where, shared)))
        for place, unit in enumerate(one.get("units", [])):
            stated = unit if isinstance(unit, dict) else {"unit": unit}
            here = f"{where}.units[{place}]"
            rows.append((here, _texts(here, {"document": one.get("document")} | stated)))
    return rows


def _texts(where: str, row: Mapping[str, Any]) -> Mapping[str, str]:
    if wrong := next((name for name, value in row.items() if not isinstance(value, str) or _HALF.search(value)), None):
        message = f"{where}: {wrong} must be a text, not {row[wrong]!r}"
        raise DocumentWrong(message)
    return {name: value.strip() for name, value in row.items()}


def contents(document: Document, partitions: int) -> dict[int, list[str]]:
    """Return what each partition is told: the document, and those of its units that live there.

    Shape: by partition, one or more JSON texts {site, location, names_containers, units: [[key, sale], …]}; every
    partition gets one, so that it knows the document and can tell a unit that nobody expects.
    """
    told: dict[int, list[ExpectedUnit]] = {partition: [] for partition in range(partitions)}
    for unit in document.units:
        told[partition_of(unit.key.encode(), partitions)].append(unit)
    shared = {
        "site": document.site,
        "location": document.location,
        "names_containers": names_containers([unit.key for unit in document.units]),
    }
    return {partition: [_content(shared, chunk) for chunk in _chunks(units)] for partition, units in told.items()}


def _chunks(units: list[ExpectedUnit]) -> list[list[ExpectedUnit]]:
    return [units[start : start + UNITS_A_RECORD] for start in range(0, max(len(units), 1), UNITS_A_RECORD)]


def _content(shared: Mapping[str, object], units: list[ExpectedUnit]) -> str:
    return json.dumps({**shared, "units": [[unit.key, unit.sale] for unit in units]}, ensure_ascii=False)


def send_document(settings: Settings, document: Document, partitions: int, author: str) -> dict[int, int]:
    """Send a document to every partition; return the offset of its last record in each.

    Raises:
        BrokerUnreachable: the broker does not answer within 4 s.
        NotDelivered: it did not take a record.
    """
    return send_documents(settings, [document], partitions, author)


def send_documents(settings: Settings, documents: Iterable[Document], partitions: int, author: str) -> dict[int, int]:
    """Send documents to every partition; return the offset of the last record in each.

    Raises:
        BrokerUnreachable: the broker does not answer within 4 s.
        NotDelivered: it did not take a record.
    """
    sender = Sender(settings, "internal")
    for document in documents:
        _queue(sender, document, partitions, author)
    return sender.finish()


def _queue(sender: Sender, document: Document, partitions: int, author: str) -> None:
    identity, key = uuid.uuid4().hex, document.name.encode()
    for partition, texts in contents(document, partitions).items():
        values = [
            encode(
                "internal",
                {
                    "id": identity, "kind": "DOCUMENT", "subject": document.name, "base": -1, "author": author,
                    "sent_at": time.time_ns() // 1_000_000, "content": text,
                },
            )
            for text in texts
        ]  # fmt: skip
        sender.send([key] * len(values), values, partition)
