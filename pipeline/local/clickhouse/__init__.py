"""ClickHouse in one process: chDB behind ClickHouse's HTTP interface, on loopback."""

from pipeline.local.clickhouse.server import serve
from pipeline.local.clickhouse.users import User

__all__ = ["User", "serve"]
