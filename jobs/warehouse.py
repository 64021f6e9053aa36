"""Opening the warehouse for a verb: as the ledger for the fixed questions, as a reader for SQL that a person wrote."""

from pipeline.errors import SettingsWrong
from pipeline.settings import Settings
from pipeline.warehouse.client import Warehouse, connect


def open_warehouse(settings: Settings, timeout_seconds: float = 300.0) -> Warehouse:
    """Return a client of the ledger's database; an answer may take so long.

    Raises: SettingsWrong where no ClickHouse is named; WarehouseDown, WarehouseRefused as `connect`.
    """
    return _open(settings, settings.clickhouse_user, settings.clickhouse_password.get_secret_value(), timeout_seconds)


def open_as_analyst(settings: Settings) -> Warehouse:
    """Return a client that can only read; raises as `open_warehouse`."""
    password = settings.clickhouse_analyst_password.get_secret_value()
    return _open(settings, settings.clickhouse_analyst_user, password, 300.0)


def _open(settings: Settings, user: str, password: str, timeout_seconds: float) -> Warehouse:
    if not settings.clickhouse_url:
        message = "No ClickHouse: start the local stack with `scanledger up`, or set CLICKHOUSE_URL=http://host:8123."
        raise SettingsWrong(message)
    named = {"user": user, "password": password, "database": settings.clickhouse_database}
    return connect(settings.clickhouse_url, **named, timeout_seconds=timeout_seconds)
