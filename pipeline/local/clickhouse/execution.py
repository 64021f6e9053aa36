"""Running one statement on the connection prepared for it, whole or as a stream of chunks."""

import time
from collections.abc import Iterator
from itertools import chain
from typing import Any, Final, Protocol

from chdb.state.sqlitelike import Connection

from pipeline.local.clickhouse.failures import NOT_ENOUGH_SPACE, UNKNOWN_FORMAT, QueryError, failed
from pipeline.local.clickhouse.questions import Answer, Question, Summary
from pipeline.local.clickhouse.rewriting import read_from_file, shown_as_a_server_does
from pipeline.local.clickhouse.spool import spooled
from pipeline.local.clickhouse.withheld import said_plainly

# Chunks of these formats, one behind another, are the result; the others have headers, brackets or an index.
_STREAMED_TEXT: Final = """
    Native RowBinary TabSeparated TSV TabSeparatedRaw TSVRaw Raw LineAsString CSV TSKV MsgPack JSONEachRow
    JSONLines JSONL NDJSON JSONCompactEachRow JSONStringsEachRow JSONCompactStringsEachRow BSONEachRow
"""
_STREAMED: Final = frozenset(_STREAMED_TEXT.split())
# Names that chDB's Python takes for objects of its own; ClickHouse has no such formats.
_OBJECTS: Final = ("dataframe", "datastore", "arrowtable")


class _Result(Protocol):
    """What chDB tells about a result or a chunk of one."""

    def bytes(self) -> bytes: ...
    def rows_read(self) -> int: ...
    def storage_rows_read(self) -> int: ...
    def storage_bytes_read(self) -> int: ...


def run(connection: Connection, question: Question) -> Answer:
    """Run the statement until its end, or until its first chunks are known.

    Raises:
        QueryError: The engine refused it.
    """
    statement = question.statement
    try:
        if statement.verb == "INSERT" and statement.payload is not None:
            return _insert_input(connection, question) if statement.input_call else _insert(connection, question)
        if question.output_format.lower() in _OBJECTS:
            raise QueryError(UNKNOWN_FORMAT, f"Unknown format {question.output_format}. (UNKNOWN_FORMAT)")
        text = shown_as_a_server_does(question)
        if _may_stream(question):
            return _stream(connection, text, question.output_format)
        return _whole(connection, text, question.output_format)
    except RuntimeError as error:
        raise said_plainly(failed(error)) from error
    except OSError as error:
        message = f"Cannot lay the body into a file: {error}. (NOT_ENOUGH_SPACE)"
        raise QueryError(NOT_ENOUGH_SPACE, message) from error


def _may_stream(question: Question) -> bool:
    """Tell whether chunks can be sent as they come; chDB leaves totals and extremes out of a stream."""
    return (
        question.statement.verb in ("SELECT", "WITH")
        and question.output_format in _STREAMED
        and not question.statement.has_extras
        and not question.parameters.waits_for_end
        and not question.parameters.flag("extremes")
    )


def _whole(connection: Connection, text: str, output_format: str) -> Answer:
    result = connection.query(text, output_format)
    body: bytes = result.bytes() if len(result) else b""
    summary = Summary(
        read_rows=result.storage_rows_read(),
        read_bytes=result.storage_bytes_read(),
        written_rows=result.rows_written(),
        written_bytes=result.bytes_written(),
        result_rows=result.rows_read() or result.rows_written(),
        result_bytes=len(body),
        elapsed_ns=int(result.elapsed() * 1e9),
    )
    return Answer(body, summary=summary)


def _stream(connection: Connection, text: str, output_format: str) -> Answer:
    started = time.monotonic_ns()
    stream = connection.send_query(text, output_format)
    chunks: Iterator[_Result] = iter(stream)
    first = next(chunks, None)
    if first is None:
        return Answer(summary=Summary(elapsed_ns=time.monotonic_ns() - started))
    second = next(chunks, None)
    body = first.bytes()
    summary = Summary(
        read_rows=first.storage_rows_read(),
        read_bytes=first.storage_bytes_read(),
        result_rows=first.rows_read(),
        result_bytes=len(body),
        elapsed_ns=time.monotonic_ns() - started,
    )
    return Answer(body, None if second is None else _rest(stream, chain((second,), chunks)), summary)


def _rest(stream: Any, chunks: Iterator[_Result]) -> Iterator[bytes]:  # noqa: ANN401
    try:
        for chunk in chunks:
            yield chunk.bytes()
    except RuntimeError as error:
        raise failed(error) from error
    finally:
        stream.cancel()


def _insert(connection: Connection, question: Question) -> Answer:
    statement = question.statement
    inserter: Any = connection.send_insert(statement.sql, statement.format or "Values")
    with inserter:
        if statement.payload:
            inserter.append(statement.payload)
        result = inserter.finish()
    return Answer(summary=_written(result.rows_written, result.bytes_written, result.elapsed))


def _insert_input(connection: Connection, question: Question) -> Answer:
    with spooled(question.statement.payload or b"") as path:
        result = connection.query(read_from_file(question.statement, path), "Null")
    return Answer(summary=_written(result.rows_written(), result.bytes_written(), result.elapsed()))


def _written(rows: int, size: int, seconds: float) -> Summary:
    return Summary(rows, size, rows, size, rows, size, int(seconds * 1e9))
