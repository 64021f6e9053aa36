"""One record's body, written and read a record at a time: slow, exact, for everything off the hot path.

Flow: a dict in, Avro bytes without a frame out, and back; times stay integers (milliseconds, days).
"""

import io
from collections.abc import Mapping
from typing import Any

import fastavro
from fastavro.schema import parse_schema

from pipeline.wire.framing import Undecodable

Schema = dict[str, Any]


def without_logical_types(schema: Any) -> Any:  # noqa: ANN401  a schema is a name, a list or an object
    """Copy a schema without its logical types, so that times are read and written as integers."""
    if isinstance(schema, list):
        return [without_logical_types(part) for part in schema]
    if isinstance(schema, dict):
        kept = {key: value for key, value in schema.items() if key not in ("logicalType", "doc")}
        for key in ("type", "items", "values", "fields"):
            if key in kept:
                kept[key] = without_logical_types(kept[key])
        return kept
    return schema


def parse(schema: Schema) -> Schema:
    """Parse a schema for fastavro, without logical types."""
    parsed = parse_schema(without_logical_types(schema), named_schemas={})
    assert isinstance(parsed, dict)
    return parsed


def encode_body(schema: Schema, value: Mapping[str, Any]) -> bytes:
    """Encode one record without a frame; fields with a default may be left out, unknown ones may not be there."""
    body = io.BytesIO()
    fastavro.schemaless_writer(body, schema, dict(value), strict_allow_default=True)
    return body.getvalue()


def decode_body(writer: Schema, body: bytes, reader: Schema | None = None) -> dict[str, Any]:
    """Decode one record without a frame, resolved to the reader's schema, to its exact end.

    Raises:
        Undecodable: the body is not exactly one record of the writer's schema, or the schemas are incompatible.
    """
    stream = io.BytesIO(body)
    same = reader is None or reader is writer
    try:
        value = fastavro.schemaless_reader(stream, writer, None if same else reader)
    except fastavro.read.SchemaResolutionError as error:
        raise Undecodable(
            error="UNKNOWN_SCHEMA", detail=f"incompatible with the catalogue: {str(error)[:200]}"
        ) from None
    except UnicodeDecodeError as error:
        raise Undecodable(error="BAD_UTF8", detail=str(error)) from None
    except EOFError as error:
        raise Undecodable(error="TRUNCATED", detail=str(error) or "ends inside a field") from None
    except (ValueError, IndexError, OverflowError, MemoryError) as error:
        raise Undecodable(error="UNDECODABLE", detail=str(error)) from None
    if stream.tell() != len(body):
        raise Undecodable(error="TRAILING_BYTES", detail=f"{len(body) - stream.tell()} bytes after the record")
    assert isinstance(value, dict)
    return value
