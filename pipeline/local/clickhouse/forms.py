"""Statements and parameters that come as fields of a form instead of in the URL."""

from email.parser import BytesParser
from email.policy import HTTP

from pipeline.local.clickhouse.failures import NOT_IMPLEMENTED, QueryError


def read_form(body: bytes, content_type: str) -> list[tuple[str, str]]:
    """Return the fields of a multipart form by name.

    Raises:
        QueryError: A field is a file: tables sent along are not implemented.
    """
    message = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    fields: list[tuple[str, str]] = []
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        if part.get_filename() is not None:
            raise QueryError(NOT_IMPLEMENTED, "Tables sent along with a query are not implemented. (NOT_IMPLEMENTED)")
        payload = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(payload, bytes):
            fields.append((name, payload.decode("utf-8", "replace")))
    return fields
