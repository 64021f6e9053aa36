"""The sink before a ClickHouse that is slow or full: it waits with its lag in sight, and every row comes once."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from pipeline import metrics
from pipeline.settings import Settings
from pipeline.sink.sink import Sink
from pipeline.warehouse.client import Warehouse, connect
from tests.fake_worker import FakeWorker
from tests.fixtures_clickhouse import EmbeddedClickHouse
from tests.integration.sink_proxy import Answer, Proxy, answered_late, done_late, full, in_front_of
from tests.sinks import Running, a_ledger, ordinals, some_scans, wait, wait_until

_ROWS = 40
_PATIENCE_SECONDS, _LATE_SECONDS = 2.0, 3.0


@pytest.fixture
def settings(
    kafka_bootstrap: str, topic_prefix: str, warehouse: Warehouse, embedded_clickhouse: EmbeddedClickHouse
) -> Settings:
    return a_ledger(kafka_bootstrap, topic_prefix, warehouse, embedded_clickhouse)


@pytest.fixture
def proxy(embedded_clickhouse: EmbeddedClickHouse) -> Iterator[Proxy]:
    with in_front_of(embedded_clickhouse.url) as proxy:
        yield proxy


@pytest.fixture
def running(settings: Settings, proxy: Proxy) -> Iterator[Running]:
    with ExitStack() as stack:
        client = connect(
            proxy.url,
            user=settings.clickhouse_user,
            password=settings.clickhouse_password.get_secret_value(),
            database=settings.clickhouse_database,
            timeout_seconds=_PATIENCE_SECONDS,
        )
        sinks = Running(settings, stack.enter_context(client))
        stack.callback(sinks.stop_all)
        yield sinks


def _lag(unit: str) -> float:
    return metrics.read(f"scanledger_sink_lag_{unit}", stream="verdicts", partition=0) or 0


def _retries() -> float:
    return metrics.read("scanledger_sink_retries_total", error="WarehouseDown") or 0


def _assert_all_came_once(warehouse: Warehouse, sink: Sink, fake: FakeWorker) -> None:
    """Asserts that the rows are there, the sink well and its lag gone, and that it goes on with what comes next."""
    for rows in (_ROWS, 2 * _ROWS):
        wait(warehouse, fake)
        assert ordinals(warehouse) == list(range(1, rows + 1))
        wait_until(lambda: sink.health().ok and _lag("records") == _lag("seconds") == 0)
        if rows == _ROWS:
            fake.process(some_scans(_ROWS, start=_ROWS))


@pytest.mark.parametrize("late", [answered_late(_LATE_SECONDS), done_late(_LATE_SECONDS)], ids=["answered", "done"])
def test_a_clickhouse_slower_than_the_sinks_patience_is_asked_again_and_has_every_row_once(
    settings: Settings, warehouse: Warehouse, running: Running, proxy: Proxy, late: Answer
) -> None:
    fake, retries = FakeWorker(settings, 0), _retries()
    fake.process(some_scans(_ROWS))
    proxy.answers = [late]
    sink = running.start()
    wait_until(lambda: _lag("records") >= _ROWS and _lag("seconds") > 0)
    assert _retries() > retries
    wait_until(lambda: proxy.count_disturbed == 1)
    _assert_all_came_once(warehouse, sink, fake)


def test_a_clickhouse_whose_disk_is_full_is_asked_again_until_it_has_room(
    settings: Settings, warehouse: Warehouse, running: Running, proxy: Proxy
) -> None:
    fake = FakeWorker(settings, 0)
    fake.process(some_scans(_ROWS))
    proxy.answers = [full] * 1000
    sink = running.start()
    wait_until(lambda: proxy.count_disturbed >= 3 and "NOT_ENOUGH_SPACE" in str(sink.health().reasons))
    wait_until(lambda: _lag("records") >= _ROWS and _lag("seconds") > 0)
    assert ordinals(warehouse) == []
    proxy.answers.clear()
    _assert_all_came_once(warehouse, sink, fake)
