"""A pallet of cases of items over four partitions of a real ledger, with workers that die in the middle."""

import signal
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from pipeline.broker.admin import watermarks
from pipeline.broker.read import read_partition
from pipeline.broker.topics import Topics
from pipeline.settings import Settings
from pipeline.wire.schemas import decode
from tests.oracle.arrivals import Arrival, a_scan, a_site_load, arrived
from tests.oracle.group_histories import sscc
from tests.worker.account import Account, wait_until_accounted
from tests.worker.running import a_ledger, running, send_arrivals

PARTITIONS = 4
PALLET, CASES = sscc(1), [sscc(11 + at) for at in range(4)]
ITEMS = [f"sku:ACME/PUMP/{at}" for at in range(40)]


def scan(key: str, step: str, minute: float, site: str = "berlin", **fields: object) -> Arrival:
    named = {"scan_id": f"{key} {step} {minute}"} | fields
    return arrived(a_scan(key, step, minute, site=site, **named))


def a_pallet() -> list[Arrival]:
    """Returns the scans by which the items come into cases and the cases onto the pallet."""
    packed = [scan(item, "COMMISSION", 0) for item in ITEMS]
    packed += [scan(item, "PACK", 1, container=CASES[at % len(CASES)]) for at, item in enumerate(ITEMS)]
    return packed + [scan(case, "PACK", 2, container=PALLET) for case in CASES]


def wait_until_quiet(settings: Settings) -> None:
    """Waits until everything is accounted for, also what that has led to."""
    internal = Topics.load(settings.topic_prefix).name("internal")
    before = None
    while (marks := watermarks(settings, internal)) != before:
        before = marks
        wait_until_accounted(settings, *range(PARTITIONS))


def units_of(settings: Settings) -> dict[str, dict[str, Any]]:
    """Returns each unit's newest record."""
    records = [one for at in range(PARTITIONS) for one in read_partition(settings, "units", at)]
    kept = [one for one in records if one.key and one.value and not one.key.startswith(b"\0")]
    return {(one.key or b"").decode(): decode(one.value or b"")[1] for one in kept}


def places(settings: Settings, keys: Iterable[str]) -> set[tuple[str, str]]:
    units = units_of(settings)
    return {(units[key]["site"], units[key]["state"]) for key in keys}


def assert_whole(settings: Settings) -> None:
    for partition in range(PARTITIONS):
        Account(settings, partition).assert_whole()


@pytest.fixture
def settings(kafka_bootstrap: str, tmp_path: Path) -> Settings:
    return a_ledger(kafka_bootstrap, tmp_path, PARTITIONS)


def test_a_scan_of_the_pallet_moves_every_item_a_correction_takes_all_back_and_a_late_member_follows(
    settings: Settings,
) -> None:
    with running(settings) as worker:
        send_arrivals(settings, [a_site_load(), *a_pallet()], PARTITIONS)
        wait_until_quiet(settings)
        send_arrivals(settings, [scan(PALLET, "SHIP", 10, destination="munich")], PARTITIONS)
        wait_until_quiet(settings)
        assert places(settings, ITEMS) == {("berlin", "IN_TRANSIT")}
        received = scan(PALLET, "RECEIVE", 200, "munich", document="asn:7")
        send_arrivals(settings, [received], PARTITIONS)
        wait_until_quiet(settings)
        assert places(settings, ITEMS) == {("munich", "RECEIVED")}
        late = "sku:ACME/PUMP/late"
        send_arrivals(settings, [scan(late, "COMMISSION", 0), scan(late, "PACK", 1, container=CASES[0])], PARTITIONS)
        wait_until_quiet(settings)
        assert places(settings, [*ITEMS, late]) == {("munich", "RECEIVED")}
        send_arrivals(settings, [scan(PALLET, "VOID", 201, corrects=received.record["scan_id"])], PARTITIONS)
        wait_until_quiet(settings)
        assert places(settings, [*ITEMS, late]) == {("berlin", "IN_TRANSIT")}
        assert worker.stop() == 0
    assert_whole(settings)


@pytest.mark.parametrize("at", [3, pytest.param(1, marks=pytest.mark.slow), pytest.param(6, marks=pytest.mark.slow)])
def test_a_worker_killed_while_a_pallet_moves_loses_and_doubles_nothing(settings: Settings, at: int) -> None:
    with running(settings) as worker:
        send_arrivals(settings, [a_site_load(), *a_pallet()], PARTITIONS)
        wait_until_quiet(settings)
        assert worker.stop() == 0
    with running(settings, fault=f"worker.between_commit_and_store:{at}") as worker:
        send_arrivals(settings, [scan(PALLET, "SHIP", 10), scan(CASES[0], "UNPACK", 11, container=PALLET)], PARTITIONS)
        assert worker.process.wait(60) == -signal.SIGKILL
    with running(settings) as worker:
        wait_until_quiet(settings)
        assert worker.stop() == 0
    assert places(settings, ITEMS) == {("berlin", "IN_TRANSIT")}
    assert_whole(settings)


def test_units_in_each_other_come_to_rest(settings: Settings) -> None:
    circle = [scan(CASES[0], "PACK", 1, container=CASES[1]), scan(CASES[1], "PACK", 2, container=CASES[0])]
    with running(settings) as worker:
        send_arrivals(
            settings, [a_site_load(), *circle, scan(CASES[0], "SHIP", 5), scan(CASES[1], "OBSERVE", 9)], PARTITIONS
        )
        wait_until_quiet(settings)
        send_arrivals(settings, [scan(CASES[0], "VOID", 10, corrects=f"{CASES[0]} SHIP 5")], PARTITIONS)
        wait_until_quiet(settings)
        assert worker.stop() == 0
    assert_whole(settings)


def told(settings: Settings) -> tuple[int, int]:
    """Returns how many moves and derived scans units have told each other."""
    records = [decode(one.value or b"") for at in range(PARTITIONS) for one in read_partition(settings, "internal", at)]
    moves = sum(name == "internal" and fields["kind"] == "FANOUT" for name, fields in records)
    return moves, sum(name == "scan" for name, _ in records)


@pytest.mark.parametrize("many", [5_000, pytest.param(50_000, marks=pytest.mark.slow)])
def test_reads_of_a_pallet_cost_one_move_however_many_there_are(settings: Settings, many: int) -> None:
    reads = [scan(PALLET, "OBSERVE", 10 + at, "munich", scan_id=f"r{at}", reader="gate") for at in range(many)]
    with running(settings) as worker:
        send_arrivals(settings, [a_site_load(), *a_pallet()], PARTITIONS)
        wait_until_quiet(settings)
        before = told(settings)
        send_arrivals(settings, reads, PARTITIONS)
        wait_until_quiet(settings)
        assert worker.stop() == 0
    moves, scans = (now - then for now, then in zip(told(settings), before, strict=True))
    assert (moves, scans) == (1 + len(CASES), len(CASES) + len(ITEMS))
    assert places(settings, ITEMS) == {("munich", "PACKED")}
