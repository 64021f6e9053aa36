"""What it costs to try rules on the history of the benchmark's mix: reading, folding and comparing every scan of it."""

import time
from typing import Final

from bench import sink as sink_bench
from bench.ground import PARTITIONS, Ground
from bench.part import Part, PartFailed
from bench.worker import Figures
from pipeline.ledger.where import where_of
from pipeline.proof.backtest import Backtest, Tried
from pipeline.proof.trial import Candidates
from pipeline.settings import Settings
from pipeline.warehouse.client import Warehouse

_TURNS: Final = 3
_CALM_SECONDS: Final = 60.0


def run(ground: Ground) -> Figures:
    """Measure the best of three turns after one that warms up: processor time of this process and of ClickHouse.

    The rules are those that decided, so that all of it is compared and nothing may differ.
    """
    if ground.sunk is None:
        sink_bench.run(ground)
    assert ground.sunk is not None
    settings, clickhouse = sink_bench.with_clickhouse(ground, ground.sunk)
    clickhouse.wait_until_calm(_CALM_SECONDS)
    with sink_bench.open_warehouse(settings) as warehouse:
        ground.say("trying the rules as they are on the history")
        _try(settings, warehouse)
        figures = min((_measured(settings, warehouse, clickhouse) for _ in range(_TURNS)), key=_cost)
    clickhouse.stop()
    return figures


def _measured(settings: Settings, warehouse: Warehouse, clickhouse: Part) -> Figures:
    before, mine, begun = clickhouse.sample().cpu, time.process_time(), time.monotonic()
    tried = _try(settings, warehouse)
    spent = time.process_time() - mine + clickhouse.sample().cpu - before
    return {"backtest_cpu_us_per_scan": 1e6 * spent / tried.scans, "backtest_s": time.monotonic() - begun}


def _try(settings: Settings, warehouse: Warehouse) -> Tried:
    tried = Backtest(warehouse, Candidates()).run(
        [where_of(settings, partition, PARTITIONS) for partition in range(PARTITIONS)]
    )
    if not tried.is_same:
        message = f"backtest: {tried.changed} scans would come out differently under the rules that decided them"
        raise PartFailed(message)
    return tried


def _cost(figures: Figures) -> float:
    return float(figures["backtest_cpu_us_per_scan"])
