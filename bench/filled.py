"""A ledger made in ClickHouse itself, left alone until its parts have merged: what analytics are measured on.

    with filled(ground, "recall", lambda warehouse: fill(warehouse, seeds)) as ledger:
        taken = ledger.best(lambda: ask(ledger.warehouse))

Figures are compared with what `ledger.reading()` takes in the same run.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, NamedTuple

from bench.ground import Ground
from bench.part import Part
from bench.sink import migrate, open_warehouse, with_clickhouse
from pipeline.warehouse.client import Warehouse

_TURNS: Final = 4
_CALM_SECONDS: Final = 300.0
_ONE_NUMBER: Final = "SELECT unit_id FROM unit_state FINAL"


class Seconds(NamedTuple):
    """What a turn took: by the clock, and of processors, this process and ClickHouse together."""

    wall: float
    cpu: float


@dataclass(frozen=True)
class Filled:
    """The ledger, and the server that has it."""

    warehouse: Warehouse
    clickhouse: Part

    def best(self, work: Callable[[], object], turns: int = _TURNS) -> Seconds:
        """Return the least of some turns; the first one compiles and warms up, and does not count."""
        taken = [self._turn(work) for _ in range(turns)]
        return Seconds(*map(min, zip(*taken[1:], strict=True)))

    def reading(self, turns: int = _TURNS) -> Seconds:
        """Return what it takes to read no more than one number per unit: what other figures are measured by."""
        return self.best(lambda: self.warehouse.query_columns(_ONE_NUMBER), turns)

    def _turn(self, work: Callable[[], object]) -> Seconds:
        begun, mine, theirs = time.monotonic(), time.process_time(), self.clickhouse.sample().cpu
        work()
        spent = time.process_time() - mine + self.clickhouse.sample().cpu - theirs
        return Seconds(time.monotonic() - begun, spent)


@contextmanager
def filled(ground: Ground, name: str, fill: Callable[[Warehouse], None]) -> Iterator[Filled]:
    """Start ClickHouse on a folder of this name and make the ledger; the server is ended when the block is left."""
    settings, clickhouse = with_clickhouse(ground, ground.settings(name))
    migrate(ground, settings)
    with open_warehouse(settings) as warehouse:
        fill(warehouse)
        clickhouse.wait_until_calm(_CALM_SECONDS)
        yield Filled(warehouse, clickhouse)
    clickhouse.stop()
