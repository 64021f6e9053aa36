"""The stores of a stopped worker damaged, deleted, another cluster's: the whole chain is proved all the same."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.proof.verify import Ledger, verify
from pipeline.warehouse.client import Warehouse
from tests.fixtures_clickhouse import EmbeddedClickHouse
from tests.oracle.generate import seeded_history
from tests.sinks import WAIT_SECONDS, Running, a_ledger, ordinals
from tests.worker.running import running, send_arrivals

HISTORY = seeded_history(11, 1_000)


def damage(store: Path) -> None:
    for table in (store / "db").glob("*.sst"):
        content = table.read_bytes()
        table.write_bytes(bytes(byte ^ 0x5A for byte in content[:-200]) + content[-200:])


def give_to_another_cluster(store: Path) -> None:
    identity = json.loads((store / "identity.json").read_text())
    (store / "identity.json").write_text(json.dumps(identity | {"cluster": "another"}))


SPOILS: list[Callable[[Path], object]] = [damage, give_to_another_cluster, shutil.rmtree]
"""What happens to the store of partition 0, 1, 2."""


@pytest.mark.slow
def test_a_worker_whose_store_was_spoiled_while_it_was_down_forgets_nothing(
    kafka_bootstrap: str,
    topic_prefix: str,
    warehouse: Warehouse,
    embedded_clickhouse: EmbeddedClickHouse,
    tmp_path: Path,
) -> None:
    settings = a_ledger(kafka_bootstrap, topic_prefix, warehouse, embedded_clickhouse, len(SPOILS))
    settings = settings.model_copy(update={"home": tmp_path})
    sinks = Running(settings, warehouse)
    sinks.start()
    try:
        for part in (HISTORY[:500], HISTORY[500:]):
            for spoil, store in zip(SPOILS, sorted(tmp_path.glob("store/*/*/[0-9]")), strict=False):
                spoil(store)
            with running(settings) as worker:
                send_arrivals(settings, part, len(SPOILS))
                proof = verify(Ledger(settings, warehouse, WAIT_SECONDS))
                assert proof.is_ok, proof.rows()
                assert worker.stop() == 0
    finally:
        sinks.stop_all()
    for partition in range(len(SPOILS)):
        known = ordinals(warehouse, partition)
        assert known == list(range(1, len(known) + 1))
    said = worker.log.read_text()
    assert ("0 is damaged and is built again" in said, "1 belongs to another ledger" in said) == (True, True)
