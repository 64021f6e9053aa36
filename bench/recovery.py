"""The seconds a worker takes to take over 1,000,000 units of 1 KB each with nothing on its disk."""

from typing import Final

from bench.filling import fill, homes_of
from bench.ground import PARTITIONS, Ground
from bench.worker import Figures
from pipeline.broker.send import Sender
from pipeline.settings import Settings

_UNITS: Final = 1_000_000
_SCANS_EACH: Final = 12  # which makes a record of 1 KB
_SECONDS: Final = 600.0


def run(ground: Ground) -> Figures:
    """Measure from the moment the partitions are assigned to the moment the last one is ready to fetch."""
    settings = ground.fresh("recovery")
    units = ground.scaled(_UNITS, 10_000)
    ground.say(f"writing the records of {units:,} units to the log")
    unit_bytes = _write_units(settings, units)
    ground.say(f"a worker takes over {units:,} units of {unit_bytes:.0f} bytes")
    worker = ground.worker(settings)
    assigned = worker.wait("assignment", lambda now: now.total("scanledger_worker_partitions") == PARTITIONS, _SECONDS)
    ready = worker.wait(
        "take-over", lambda now: now.total("scanledger_worker_takeover_seconds_count") == PARTITIONS, _SECONDS
    )
    figures = {
        "recovery_s": ready.wall - assigned.wall,
        "recovery_unit_bytes": unit_bytes,
        "recovery_peak_rss_mb": worker.peak_rss_mb(),
    }
    worker.stop()
    return figures


def _write_units(settings: Settings, count: int) -> float:
    """Write every unit's record, as the ledger makes it, and each partition's position; return the mean record."""
    sender, total = Sender(settings, "units"), 0
    for number, units in enumerate(homes_of(count)):
        for partition, keys, values in fill(settings, number, units, _SCANS_EACH):
            sender.send(keys, values, partition)
            total += sum(map(len, values))
    sender.finish()
    return total / count
