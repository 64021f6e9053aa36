"""The catalogue of schemas: every record's versions, their ids, and slow, exact encoding of single records.

Flow: framed bytes in, record name and plain dict out, and back; times stay integers (milliseconds, days).

    catalogue().id("verdict")                        # the id that goes into the frame
    encode("internal", {"id": …, "kind": "SITES", …})
    decode(message.value())                          # ("internal", {…})

Ids in frames are those of `schemas/topics.toml`, or a registry's once `pipeline.broker.registry.join` has translated
them: so ask for an id when you need it, not at import.
"""

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from fastavro.schema import fullname, to_parsing_canonical_form

from pipeline.errors import SchemaUnknown
from pipeline.wire.body import Schema, decode_body, encode_body, parse
from pipeline.wire.framing import Undecodable, frame, unframe

# Written by sites as well: their encoders may legally choose other blocks and longer integers than ours.
_FOREIGN_ENCODERS = frozenset({"scan", "verdict"})
_FILE_NAME = re.compile(r"(?P<record>\w+)\.v(?P<version>\d+)\.avsc")


@dataclass(frozen=True)
class SchemaVersion:
    """One version of one record's schema."""

    record: str
    version: int
    id: int
    """Its id in the catalogue; in frames see `Catalogue.id`."""
    schema: Schema
    """As published, with documentation and logical types."""
    parsed: Schema
    """As fastavro wants it, without logical types: times stay integers."""
    canonical: str
    """Avro's parsing canonical form: two schemas with the same one write the same bytes."""


def contracts_folder() -> Path:
    """Return the folder of the contracts: `schemas/` in the source tree, `pipeline/wire/contracts` in a wheel."""
    packed = Path(__file__).parent / "contracts"
    return packed if packed.is_dir() else Path(__file__).parents[2] / "schemas"


class Catalogue:
    """Every version of every record, by name and by the id in a frame."""

    def __init__(self, versions: list[SchemaVersion]) -> None:
        self._versions = {(known.record, known.version): known for known in versions}
        self._newest = {known.record: known for known in sorted(versions, key=lambda known: known.version)}
        self._frame_ids = {known.id: known.id for known in versions}
        self._by_frame_id = {known.id: known for known in versions}
        self._find_foreign: Callable[[int], Schema | None] = lambda _: None
        self._foreign: dict[int, Schema | None] = {}

    def versions(self) -> list[SchemaVersion]:
        """Return every version of every record."""
        return list(self._versions.values())

    def adopt(self, frame_ids: Mapping[int, int], find_foreign: Callable[[int], Schema | None]) -> None:
        """Use a registry's ids in frames from now on.

        Args:
            frame_ids: the registry's id of each catalogue id; all of them.
            find_foreign: fetches the schema of an id that is not among these, None where the registry has none; an
                outage must raise, because "not found" makes a dead letter of the record.
        """
        self._frame_ids = dict(frame_ids)
        self._by_frame_id = {frame_ids[known.id]: known for known in self._versions.values()}
        self._find_foreign = find_foreign
        self._foreign = {}

    def version(self, record: str, version: int | None = None) -> SchemaVersion:
        """Return one version of a record, the newest if none is named.

        Raises:
            SchemaUnknown: the catalogue has no such record or version.
        """
        known = self._newest.get(record) if version is None else self._versions.get((record, version))
        if known is None:
            message = f"no schema {record} v{version or 'any'} in {contracts_folder()}"
            raise SchemaUnknown(message)
        return known

    def id(self, record: str, version: int | None = None) -> int:
        """Return the id that goes into the frame of that record."""
        return self._frame_ids[self.version(record, version).id]

    def schema(self, record: str, version: int | None = None) -> Schema:
        """Return the schema as published."""
        return self.version(record, version).schema

    def of_id(self, frame_id: int) -> SchemaVersion:
        """Return the version that a frame's id stands for.

        Raises:
            SchemaUnknown: it is not one of the catalogue's; it may still be another version that a registry knows.
        """
        if frame_id not in self._by_frame_id and not isinstance(self.writer(frame_id), SchemaVersion):
            message = f"schema id {frame_id} is not in the catalogue"
            raise SchemaUnknown(message)
        return self._by_frame_id[frame_id]

    def writer(self, frame_id: int) -> SchemaVersion | Schema | None:
        """Return what wrote the bodies of that id: a catalogue version, a registry's own schema, parsed, or None."""
        if frame_id in self._by_frame_id:
            return self._by_frame_id[frame_id]
        if frame_id not in self._foreign:
            self._learn(frame_id, self._find_foreign(frame_id))
        return self._by_frame_id.get(frame_id) or self._foreign[frame_id]

    def _learn(self, frame_id: int, found: Schema | None) -> None:
        canonical = None if found is None else to_parsing_canonical_form(found)
        for known in self._versions.values():
            if known.canonical == canonical:
                self._by_frame_id[frame_id] = known
        self._foreign[frame_id] = None if found is None else parse(found)

    def encode(self, record: str, value: Mapping[str, Any], version: int | None = None) -> bytes:
        """Encode one record and frame it.

        Raises:
            ValueError: a field is missing, unknown or not an enum's symbol.
            TypeError: a field has the wrong type.
        """
        known = self.version(record, version)
        return frame(self._frame_ids[known.id]) + encode_body(known.parsed, value)

    def decode(self, value: bytes) -> tuple[str, dict[str, Any]]:
        """Decode one framed record of any version into the newest: its record name and its fields.

        Raises:
            Undecodable: the bytes are no record of the catalogue.
        """
        frame_id, body = unframe(value)
        known = self.writer(frame_id)
        if not isinstance(known, SchemaVersion):
            return self._decode_foreign(frame_id, known, body)
        decoded = decode_body(known.parsed, body, self._newest[known.record].parsed)
        if known.record not in _FOREIGN_ENCODERS and encode_body(known.parsed, decode_body(known.parsed, body)) != body:
            raise Undecodable(
                error="UNDECODABLE", detail=f"{known.record} is not encoded as Avro's own rules encode it"
            )
        return known.record, decoded

    def frame_ids(self, record: str) -> list[tuple[int, int]]:
        """Return every frame id known so far to stand for a version of a record, with that version."""
        return [(frame_id, known.version) for frame_id, known in self._by_frame_id.items() if known.record == record]

    def translate(self, record: str, value: bytes) -> bytes:
        """Write a framed value of another version, or under another id, with the newest version of its record.

        Raises:
            Undecodable: it is another record, incompatible, or no record at all.
        """
        frame_id, body = unframe(value)
        known, newest = self.writer(frame_id), self._newest[record]
        if known is newest:
            return frame(self.id(record)) + body
        if isinstance(known, SchemaVersion) and known.record != record:
            raise Undecodable(
                error="UNKNOWN_SCHEMA", detail=f"schema id {frame_id} is a {known.record}, not a {record}"
            )
        writer = known.parsed if isinstance(known, SchemaVersion) else known
        if writer is None or fullname(writer) != fullname(newest.parsed):
            raise Undecodable(error="UNKNOWN_SCHEMA", detail=f"schema id {frame_id} is not that of a {record}")
        return frame(self.id(record)) + encode_body(newest.parsed, decode_body(writer, body, newest.parsed))

    def _decode_foreign(self, frame_id: int, writer: Schema | None, body: bytes) -> tuple[str, dict[str, Any]]:
        for record, known in self._newest.items():
            if writer is not None and fullname(writer) == fullname(known.parsed):
                return record, decode_body(writer, body, known.parsed)
        raise Undecodable(error="UNKNOWN_SCHEMA", detail=f"schema id {frame_id} is not in the catalogue")


def load_catalogue(folder: Path) -> Catalogue:
    """Read every schema of a folder, with the ids of its `topics.toml`."""
    ids = tomllib.loads((folder / "topics.toml").read_text())["ids"]
    versions = []
    for file in sorted(folder.glob("*.avsc")):
        name = _FILE_NAME.fullmatch(file.name)
        if name is None or name["version"] not in ids.get(name["record"], {}):
            message = (
                f"{file} has no id in {folder / 'topics.toml'}; call it RECORD.vN.avsc and give it one under [ids]"
            )
            raise SchemaUnknown(message)
        schema = json.loads(file.read_text())
        record, version = name["record"], int(name["version"])
        canonical = to_parsing_canonical_form(schema)
        versions.append(SchemaVersion(record, version, ids[record][name["version"]], schema, parse(schema), canonical))
    return Catalogue(versions)


@cache
def catalogue() -> Catalogue:
    """Return this process's catalogue."""
    return load_catalogue(contracts_folder())


def encode(record: str, value: Mapping[str, Any]) -> bytes:
    """Encode one record with the newest version of its schema and frame it; see `Catalogue.encode`."""
    return catalogue().encode(record, value)


def decode(value: bytes) -> tuple[str, dict[str, Any]]:
    """Decode one framed record: its record name and its fields; see `Catalogue.decode`."""
    return catalogue().decode(value)
