import os
from pathlib import Path

import pytest

from pipeline.broker.admin import check_topics
from pipeline.settings import Settings, load_settings
from pipeline.warehouse.client import Warehouse, connect
from pipeline.warehouse.marks import wait_for
from tests.chaos.feeding import feed
from tests.chaos.replaying import assert_clickhouse_holds, fold_the_log
from tests.chaos.running import KINDS, Storm, backtest, replay, running_stack, verify, wait_until_well

_KILLS = int(os.environ.get("KILLS", "20"))
_RECORDS = 342_000
"""Of which more than 300,000 are scans; the others go to `internal`."""


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_long_storm_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    weather(tmp_path / "home", records=_RECORDS, kills=_KILLS, seconds=120)


def test_a_short_storm_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    weather(tmp_path / "home", records=12_000, kills=4, seconds=12)


def warehouse_of(settings: Settings) -> Warehouse:
    return connect(
        settings.clickhouse_url,
        user=settings.clickhouse_user,
        password=settings.clickhouse_password.get_secret_value(),
        database=settings.clickhouse_database,
    )


def weather(home: Path, records: int, kills: int, seconds: float) -> None:
    """Let records stream through two workers while parts die; then log, oracle, ClickHouse and a replay agree."""
    with running_stack(home, workers=2) as stack:
        settings = load_settings(home=home)
        partitions = check_topics(settings)
        with Storm(stack, kills, seconds, seed=records) as storm:
            targets = feed(settings, partitions, records, storm.hold_back)
        assert len({name.split("-")[0] for name in storm.killed}) == min(kills, len(KINDS))
        wait_until_well(stack)
        with warehouse_of(settings) as warehouse:
            wait_for(warehouse, targets, timeout_seconds=180)
            for partition in range(partitions):
                assert_clickhouse_holds(warehouse, fold_the_log(settings, warehouse, partition, partitions))
        for prove in (verify, replay, backtest):
            proved = prove(home)
            assert proved.returncode == 0, proved.stdout + proved.stderr
