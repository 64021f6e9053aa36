"""Where old months lie: statements that move them to a slower volume, where a storage policy is configured.

Flow: policy, volume and age -> ALTER TABLE statements, the same however often they are run.

Moving deletes nothing: every question still finds every row. Rendered for a server only; the embedded database has one
disk, and a cluster's tables are named otherwise and are its operator's to place.
"""

from dataclasses import dataclass
from typing import Final

from pipeline.errors import SettingsWrong
from pipeline.warehouse.profiles import Profile
from pipeline.warehouse.retention import TABLES_WITH_MONTHS

_WHEN: Final = "toDateTime(received_at)"


@dataclass(frozen=True, slots=True)
class Storage:
    """A storage policy of the server; empty: none is configured. Units: days since `received_at`."""

    policy: str = ""
    volume: str = "cold"
    after_days: int = 180


def storage_statements(storage: Storage, profile: Profile) -> list[str]:
    """Return what to run after the migrations: nothing where no policy is configured, or for another profile.

    Raises:
        SettingsWrong: A name is no plain name, or the age is below a day.
    """
    if not storage.policy or profile != "server":
        return []
    for name in (storage.policy, storage.volume):
        if not name.replace("-", "_").isidentifier():
            message = f"CLICKHOUSE_STORAGE_POLICY and CLICKHOUSE_COLD_VOLUME must be plain names, one is {name!r}."
            raise SettingsWrong(message)
    if storage.after_days < 1:
        message = f"CLICKHOUSE_COLD_AFTER_DAYS must be at least 1, it is {storage.after_days}."
        raise SettingsWrong(message)
    return [statement for table in TABLES_WITH_MONTHS for statement in _of_table(table, storage)]


def _of_table(table: str, storage: Storage) -> list[str]:
    """Return its statements: the policy must hold all disks of the one before, as ClickHouse demands."""
    return [
        f"ALTER TABLE {table} MODIFY SETTING storage_policy = '{storage.policy}'",
        f"ALTER TABLE {table} MODIFY TTL {_WHEN} + INTERVAL {storage.after_days} DAY TO VOLUME '{storage.volume}'",
    ]
