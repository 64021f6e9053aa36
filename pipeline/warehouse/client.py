"""The one client of ClickHouse: questions, commands, Avro inserts over HTTP, and errors by what to do next.

    with connect("http://127.0.0.1:8123", user="ledger", password="…", database="scanledger") as warehouse:
        warehouse.query_rows("SELECT count() FROM unit_events WHERE item = {item:String}", {"item": "sku:ACME/W"})
        warehouse.insert_avro("INSERT INTO t (a) SELECT a FROM input('a Int64') FORMAT Avro", body, query_id="sink-3-7")

Threads may share a Warehouse: it has no session, so nothing one statement sets is seen by another.
"""

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urlsplit

import clickhouse_connect
import polars as pl
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError, OperationalError
from clickhouse_connect.driver.summary import QuerySummary

from pipeline.errors import SettingsWrong, WarehouseDown, WarehouseRefused
from pipeline.warehouse.arrow import Columns, checked, columns_of

Parameters = Mapping[str, Any]
# Codes that say "not now": time-outs, network, memory, disk, too many parts or queries, a table in read-only mode,
# Keeper, an insert whose fate is unknown.
_RETRIABLE: Final = frozenset((159, 202, 209, 210, 236, 241, 242, 243, 252, 319, 425, 439, 999))
_PLAIN_PORT, _TLS_PORT = 8123, 8443


class Warehouse:
    """A ClickHouse database."""

    def __init__(self, client: Client, url: str) -> None:
        self._client, self._url = client, url

    def query_rows(self, sql: str, parameters: Parameters | None = None, **settings: Any) -> list[tuple[Any, ...]]:  # noqa: ANN401
        """Return the rows of a question; parameters stand in it as `{name:Type}`.

        Raises:
            WarehouseDown: It does not answer, or not now.
            WarehouseRefused: It refused the statement.
        """
        with self._errors_named():
            rows = self._client.query(sql, dict(parameters or {}), settings).result_rows
            return [tuple(row) for row in rows]

    def query_columns(self, sql: str, parameters: Parameters | None = None) -> Columns:
        """Return a question's columns of numbers by name, none where it has no rows.

        Raises: as `query_rows`; ValueError where a column has other things than numbers, or nulls.
        """
        body = self.raw_query(sql, "ArrowStream", parameters)
        return columns_of(body) if body else {}

    def query_frame(self, sql: str, parameters: Parameters | None = None) -> pl.DataFrame:
        """Return a question's result as a polars frame, read from Arrow; raises as `query_rows`.

        No setting goes with it: ClickHouse refuses any of a user who may only read (`readonly = 1`).
        """
        body = self.raw_query(sql, "ArrowStream", parameters)
        return pl.read_ipc_stream(io.BytesIO(checked(body))) if body else pl.DataFrame()

    def raw_query(self, sql: str, fmt: str, parameters: Parameters | None = None, **settings: Any) -> bytes:  # noqa: ANN401
        """Return a question's result as bytes in any of ClickHouse's output formats; raises as `query_rows`."""
        with self._errors_named():
            return self._client.raw_query(sql, dict(parameters or {}), settings, fmt)

    def command(self, sql: str, parameters: Parameters | None = None, **settings: Any) -> None:  # noqa: ANN401
        """Run a statement that answers with nothing worth reading; raises as `query_rows`."""
        with self._errors_named():
            self._client.command(sql, dict(parameters or {}), settings=settings)

    def insert_avro(self, statement: str, body: bytes, *, query_id: str | None = None, **settings: Any) -> int:  # noqa: ANN401
        """Insert an Avro container file with a statement that ends with `FORMAT Avro`; return the rows written.

        One call is one block, hence one part for each partition of the table, up to the limits of the settings
        `max_insert_block_size` and `min_insert_block_size_bytes`; raises as `query_rows`.
        """
        if query_id is not None:
            settings["query_id"] = query_id
        with self._errors_named():
            summary = self._client.command(statement, data=body, settings=settings)
        return summary.written_rows if isinstance(summary, QuerySummary) else 0

    def kill(self, query_id: str) -> None:
        """Stop a running statement and return when it has ended; nothing happens where none runs."""
        self.command("KILL QUERY WHERE query_id = {query_id:String} SYNC", {"query_id": query_id})

    def ping(self) -> bool:
        """Tell whether ClickHouse answers."""
        return self._client.ping()

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def _errors_named(self) -> Iterator[None]:
        try:
            yield
        except ClickHouseError as error:
            raise _named(error, self._url) from error


def connect(
    url: str, *, user: str, password: str, database: str = "default", timeout_seconds: float = 300.0
) -> Warehouse:
    """Connect to ClickHouse at an http or https URL.

    Raises:
        SettingsWrong: The URL makes no sense.
        WarehouseDown: Nothing answers there.
        WarehouseRefused: The user or the password is wrong.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        message = f"CLICKHOUSE_URL must be like http://host:8123, it is {url!r}."
        raise SettingsWrong(message)
    is_secure = parts.scheme == "https"
    try:
        client = clickhouse_connect.get_client(
            host=parts.hostname,
            port=parts.port or (_TLS_PORT if is_secure else _PLAIN_PORT),
            secure=is_secure,
            username=user,
            password=password,
            database=database,
            connect_timeout=10,
            send_receive_timeout=timeout_seconds,
            autogenerate_session_id=False,
        )
    except ClickHouseError as error:
        raise _named(error, url) from error
    return Warehouse(client, url)


def _named(error: ClickHouseError, url: str) -> WarehouseDown | WarehouseRefused:
    code = getattr(error, "code", None) or 0
    if code in _RETRIABLE or (not code and isinstance(error, OperationalError)):
        return WarehouseDown(
            f"ClickHouse at {url} does not answer, or not now. Start it (`scanledger up` starts a local one) or "
            f"correct CLICKHOUSE_URL. ({error})"
        )
    return WarehouseRefused(f"ClickHouse at {url} refused: {error}", code=code)
