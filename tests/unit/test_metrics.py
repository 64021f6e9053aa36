"""The metrics table, health by progress, and the endpoint that serves both."""

from collections.abc import Iterator
from typing import get_args

import httpx
import pytest

from pipeline import metrics
from pipeline.errors import PortInUse
from pipeline.metrics import Health, Progress


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def endpoint() -> Iterator[tuple[str, list[Health]]]:
    answers = [Health(ok=True)]
    server = metrics.serve(0, lambda: answers[-1])
    yield f"http://127.0.0.1:{server.port}", answers
    server.close()


def test_the_table_and_the_literal_name_the_same_metrics() -> None:
    assert set(metrics.TABLE) == set(get_args(metrics.Name))
    assert all(name.startswith("scanledger_") for name in metrics.TABLE)


def test_each_kind_counts_as_prometheus_reads_it() -> None:
    rows = metrics.read("scanledger_sink_rows_total", stream="verdicts")  # other tests of this process count too
    folded = metrics.read("scanledger_worker_stage_seconds_sum", stage="fold")
    metrics.count("scanledger_sink_rows_total", 3, stream="verdicts")
    metrics.count("scanledger_sink_rows_total", 4, stream="verdicts")
    metrics.gauge("scanledger_sink_partitions", 2)
    metrics.observe("scanledger_worker_stage_seconds", 0.25, stage="fold")
    assert metrics.read("scanledger_sink_rows_total", stream="verdicts") == rows + 7
    assert metrics.read("scanledger_sink_partitions") == 2
    assert metrics.read("scanledger_worker_stage_seconds_sum", stage="fold") == folded + 0.25


def test_a_label_that_is_not_in_the_table_is_refused() -> None:
    with pytest.raises(ValueError, match="label"):
        metrics.count("scanledger_sink_rows_total", 1, flavour="sweet")


def test_a_label_of_the_table_may_not_be_left_out() -> None:
    with pytest.raises(ValueError, match="label"):
        metrics.count("scanledger_sink_rows_total")


def test_a_forgotten_child_is_no_longer_served() -> None:
    metrics.gauge("scanledger_worker_lag_records", 5, topic="scans", partition=7)
    metrics.forget("scanledger_worker_lag_records", topic="scans", partition=7)
    assert metrics.read("scanledger_worker_lag_records", topic="scans", partition=7) == 0


def test_silence_turns_red_and_moving_turns_green(clock: Clock) -> None:
    progress = Progress(10, clock)
    progress.moved("partition 1")
    clock.now += 10
    assert progress.health().ok
    clock.now += 1
    assert progress.health().reasons == ["partition 1: no progress for 11 s"]
    progress.idle("partition 1")
    assert progress.health().ok


def test_trouble_is_red_at_once_until_it_moves(clock: Clock) -> None:
    progress = Progress(10, clock)
    progress.trouble("store", "disk full at /data")
    assert progress.health().reasons == ["store: disk full at /data"]
    progress.moved("store")
    assert progress.health().ok


def test_what_is_forgotten_may_be_silent(clock: Clock) -> None:
    progress = Progress(10, clock)
    progress.moved("partition 1")
    progress.forget("partition 1")
    clock.now += 1000
    assert progress.health().ok


def test_the_endpoint_serves_metrics(endpoint: tuple[str, list[Health]]) -> None:
    metrics.gauge("scanledger_worker_partitions", 4)
    assert "scanledger_worker_partitions 4.0" in httpx.get(endpoint[0] + "/metrics").text


def test_the_endpoint_is_503_with_reasons_while_red(endpoint: tuple[str, list[Health]]) -> None:
    url, answers = endpoint
    assert httpx.get(url + "/health").json() == {"ok": True, "reasons": [], "facts": {}}
    answers.append(Health(ok=False, reasons=["stopped"]))
    red = httpx.get(url + "/health")
    assert red.status_code == httpx.codes.SERVICE_UNAVAILABLE
    assert red.json()["reasons"] == ["stopped"]


def test_other_paths_are_not_found(endpoint: tuple[str, list[Health]]) -> None:
    assert httpx.get(endpoint[0] + "/").status_code == httpx.codes.NOT_FOUND


def test_a_port_that_is_taken_is_said_so() -> None:
    first = metrics.serve(0, lambda: Health(ok=True))
    try:
        with pytest.raises(PortInUse, match="SCANLEDGER_HEALTH_PORT"):
            metrics.serve(first.port, lambda: Health(ok=True))
    finally:
        first.close()
