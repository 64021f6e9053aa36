"""The client of a schema registry: schemas registered, ids looked up.

Two schemas are the same when their canonical forms are: they write the same bytes, whatever their documentation says.
"""

import json
from collections.abc import Callable
from typing import Any, TypeVar

from confluent_kafka.schema_registry import Schema as RegistrySchema
from confluent_kafka.schema_registry import SchemaRegistryClient, SchemaRegistryError
from fastavro.schema import SchemaParseException, UnknownType, fullname, to_parsing_canonical_form

from pipeline.errors import RegistryUnreachable
from pipeline.wire.body import Schema

T = TypeVar("T")

_NOT_FOUND = 404
_TIMEOUT_SECONDS = 8


class Registry:
    """A Confluent-compatible schema registry."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._client = SchemaRegistryClient({"url": url, "timeout": _TIMEOUT_SECONDS, "max.retries": 2})

    def register(self, schema: Schema) -> int:
        """Register a schema under its record's full name and return its id; a repeat returns the same one.

        Raises:
            RegistryUnreachable: the registry does not answer, or refuses the schema.
        """
        subject, text = fullname(schema), RegistrySchema(json.dumps(schema), "AVRO")
        registered = self._ask(lambda: self._client.register_schema(subject, text))
        if registered is None:
            message = f"{self._url} is no schema registry: it knows no subjects. Correct SCHEMA_REGISTRY_URL."
            raise RegistryUnreachable(message)
        return int(registered)

    def find(self, schema_id: int) -> Schema | None:
        """Return the Avro schema of an id, None where the registry has none.

        Raises:
            RegistryUnreachable: the registry does not answer; not the same as having none.
        """
        found = self._ask(lambda: self._client.get_schema(schema_id))
        return None if found is None else _avro(found)

    def _ask(self, question: Callable[[], T]) -> T | None:
        """Return the answer, None for "not found"."""
        try:
            return question()
        except Exception as error:  # the client lets through the errors of whatever HTTP library it is built on
            if isinstance(error, SchemaRegistryError) and error.http_status_code == _NOT_FOUND:
                return None
            message = f"The schema registry at {self._url} says: {error}. Start it, or correct SCHEMA_REGISTRY_URL."
            raise RegistryUnreachable(message) from error


def _avro(found: RegistrySchema) -> Schema | None:
    """Return a registry's schema as Avro; None for one in another language, of parts, or of no record."""
    if found.schema_type != "AVRO" or found.references or not found.schema_str:
        return None
    schema: Any = json.loads(found.schema_str)
    try:
        to_parsing_canonical_form(schema)
    except (SchemaParseException, UnknownType):
        return None
    return schema if isinstance(schema, dict) and schema.get("type") == "record" else None
