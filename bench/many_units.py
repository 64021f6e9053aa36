"""What a scan costs with 10,000 units known, and with 5,000,000.

The scans differ in nothing but how many units there are to draw from: in both runs some 20,000 scans of a partition
are 8 of each of 2,400 units. With 10,000 known these are nearly the same every time, lying in memory; with 5,000,000
they are drawn anew from all of them, and must be fetched from the disk. The few are scanned more often, so they
remember more facts each, which costs them up to a microsecond a scan: look at the stages beside the ratio.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bench.filling import fill, homes_of
from bench.ground import PARTITIONS, Ground
from bench.numbered import scans_of
from bench.worker import Figures, account, cost_per_scan, rest, stages_of, warmed_up
from pipeline.broker.identity import identity_of
from pipeline.broker.send import Sender
from pipeline.broker.topics import Topics
from pipeline.ledger.outputs import POSITION_KEY
from pipeline.settings import Settings
from pipeline.worker.store import Store

FEW: Final = 10_000
MANY: Final = 5_000_000
_TIMES: Final = 8
_BLOCKS: Final = 4
_Homes = Sequence[NDArray[np.int64]]


def run(ground: Ground) -> Figures:
    """Measure the worker twice, with as many scans."""
    figures = _measured(ground, "few", FEW) | _measured(ground, "many", ground.scaled(MANY, FEW))
    ratio = figures["many_units_cpu_us_per_scan"] / figures["few_units_cpu_us_per_scan"]
    return figures | {"ratio_many_units": ratio}


def _measured(ground: Ground, name: str, known: int) -> Figures:
    settings = ground.fresh(name)
    ground.say(f"the ledger gets to know {known:,} units")
    homes = homes_of(known)
    for partition, units in enumerate(homes):
        _fill_store(settings, partition, units)
    worker = warmed_up(ground, settings)
    rested = rest(worker)
    scans = _send(settings, homes)
    ground.say(f"the worker accounts for {scans:,} scans")
    before, after = account(worker, rested, scans)
    worker.stop()
    return {
        f"{name}_units_cpu_us_per_scan": cost_per_scan(before, after),
        f"{name}_units_stages": stages_of(before, after),
    }


def _fill_store(settings: Settings, partition: int, units: NDArray[np.int64]) -> None:
    """Write the units into the store itself, as if all of `units` but its last record had been compacted away."""
    topics = Topics.load(settings.topic_prefix)
    identity = identity_of(settings, [topics.name(key) for key in ("scans", "internal", "units")])
    identity |= {"partition": str(partition), "worker": settings.worker}
    with Store(settings.store_folder / topics.name("scans") / str(partition), identity) as store:
        for _, keys, values in fill(settings, partition, units, scans_each=1):
            at_end = keys == [POSITION_KEY]
            if at_end:
                sender = Sender(settings, "units")
                sender.send(keys, values, partition)
                sender.finish()
            store.save(keys, values, int(at_end))


def _send(settings: Settings, homes: _Homes) -> int:
    """Send blocks of scans to every partition; a unit's turns go on from block to block."""
    random, sender = np.random.default_rng(1), Sender(settings, "scans")
    for block in range(_BLOCKS):
        for partition, units in enumerate(homes):
            drawn = random.choice(units, FEW // PARTITIONS - 100, replace=False)
            turns = 1 + block * _TIMES + np.repeat(np.arange(_TIMES), len(drawn))
            sender.send(*scans_of(np.tile(drawn, _TIMES), turns), partition)
    sender.finish()
    return sender.acknowledged
