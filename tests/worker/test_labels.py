"""Labels retired on one partition for units of another: a real ledger, with workers that die in the middle."""

import signal
from pathlib import Path

import pytest

from pipeline.settings import Settings
from tests.oracle.arrivals import Arrival, a_site_load
from tests.worker.running import a_ledger, running, send_arrivals
from tests.worker.test_containers import (
    CASES,
    PARTITIONS,
    assert_whole,
    places,
    scan,
    units_of,
    wait_until_quiet,
)

OLD = [f"sku:ACME/PUMP/old-{at}" for at in range(30)]
NEW = [f"sku:ACME/PUMP/new-{at}" for at in range(30)]


def packed() -> list[Arrival]:
    return [scan(key, "COMMISSION", 0) for key in OLD] + [scan(key, "PACK", 1, container=CASES[0]) for key in OLD]


def relabelled() -> list[Arrival]:
    return [scan(old, "RELABEL", 2, other_unit=new) for old, new in zip(OLD, NEW, strict=True)]


@pytest.fixture
def settings(kafka_bootstrap: str, tmp_path: Path) -> Settings:
    return a_ledger(kafka_bootstrap, tmp_path, PARTITIONS)


@pytest.mark.slow  # its like for a pallet is not: the same killing, the same comparison
@pytest.mark.parametrize("at", [1, 3, 6])
def test_a_worker_killed_while_labels_are_changed_loses_and_doubles_nothing(settings: Settings, at: int) -> None:
    with running(settings) as worker:
        send_arrivals(settings, [a_site_load(), *packed()], PARTITIONS)
        wait_until_quiet(settings)
        assert worker.stop() == 0
    later = [scan(CASES[0], "SHIP", 3, destination="munich"), *(scan(key, "RECEIVE", 200, "munich") for key in OLD)]
    with running(settings, fault=f"worker.between_commit_and_store:{at}") as worker:
        send_arrivals(settings, [*relabelled(), *later], PARTITIONS)
        assert worker.process.wait(60) == -signal.SIGKILL
    with running(settings) as worker:
        wait_until_quiet(settings)
        assert worker.stop() == 0
    units = units_of(settings)
    assert [units[key]["alias_of"] for key in OLD] == NEW
    assert places(settings, OLD) == {("berlin", "PACKED")}
    assert places(settings, NEW) == {("munich", "RECEIVED")}
    assert {units[key]["container"] for key in NEW} == {CASES[0]}
    assert units[CASES[0]]["members"] == len(NEW)
    assert_whole(settings)
