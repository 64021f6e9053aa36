"""A recall of a whole level of parts: from the predicate to where each affected unit is, everything read anew.

1,000,000 seeds, 5,000,000 edges, 5 levels; every unit of every level is affected. Beside it the same for reading no
more than one number per unit, in the same run.
"""

from typing import Final

from analytics.recall.affected import affected
from analytics.recall.asked import Asked, Predicate
from analytics.recall.columns import read
from analytics.recall.places import site_names, split
from analytics.recall.recalls import preview
from bench.filled import filled
from bench.ground import Ground
from bench.part import PartFailed
from bench.recall_rows import LEVELS, fill, item_of
from bench.worker import Figures
from pipeline.warehouse.client import Warehouse

SEEDS: Final = 1_000_000


def run(ground: Ground) -> Figures:
    """Measure the best of some turns after one that warms up, on tables made in ClickHouse itself."""
    seeds = ground.scaled(SEEDS, 1_000)
    ground.say(f"making a genealogy of {LEVELS * seeds:,} edges")
    with filled(ground, "recall", lambda warehouse: fill(warehouse, seeds)) as ledger:
        ground.say("recalling the lowest level")
        asked = Asked(predicate=Predicate(items=(item_of(0),)))
        split_s = ledger.best(lambda: _recall(ledger.warehouse, asked, (LEVELS + 1) * seeds))
        least_s = ledger.reading()
        described_s = ledger.best(lambda: preview(ledger.warehouse, asked))
    return {
        "recall_s": split_s.wall,
        "recall_cpu_s": split_s.cpu,
        "recall_to_reading": split_s.cpu / least_s.cpu,
        "recall_described_s": described_s.wall,
    }


def _recall(warehouse: Warehouse, asked: Asked, expected: int) -> None:
    ledger = read(warehouse, asked.predicate)
    parts = split(affected(ledger, asked), site_names(warehouse))
    if sum(part.units for part in parts) != expected:
        message = f"recall: {sum(part.units for part in parts):,} units where {expected:,} are affected"
        raise PartFailed(message)
