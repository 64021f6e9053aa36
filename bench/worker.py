"""The worker's cost per scan of the benchmark's mix: processor time, stages, memory, with exactly-once on."""

import time
from dataclasses import replace
from typing import Any, Final

import numpy as np

from bench.ground import Ground
from bench.loading import MIX_SCANS, load_sites, mix_of, send_mix
from bench.numbered import scans_of
from bench.part import Part, Sample
from pipeline.broker.send import send_scans
from pipeline.settings import Settings

VERDICTS: Final = "scanledger_worker_verdicts_total"
_START_SECONDS: Final = 180.0  # the first time on a machine it compiles
_RUN_SECONDS: Final = 600.0
_CALM_SECONDS: Final = 180.0  # a store of many units may be compacting
_WARM_UNITS: Final = 4_000
_FAR_UNITS: Final = 9_000_000_000  # numbers of units that nothing else uses

Figures = dict[str, Any]


def run(ground: Ground) -> Figures:
    """Measure the worker on 1,000,000 preloaded scans of 100,000 units in 4 partitions."""
    settings = ground.fresh("mix")
    mix = mix_of(ground.scaled(MIX_SCANS, 10_000))
    load_sites(settings, mix.world)
    worker = warmed_up(ground, settings)
    rested = rest(worker)
    scans = send_mix(ground, settings, mix)
    ground.say(f"the worker accounts for {scans:,} scans")
    before, after = account(worker, rested, scans)
    figures = {
        "worker_cpu_us_per_scan": cost_per_scan(before, after),
        "worker_scans_per_s": scans / (after.wall - before.wall),
        "peak_rss_mb": worker.peak_rss_mb(),
        "stages": stages_of(before, after),
    }
    worker.stop()
    ground.mix = ground.accounted = settings
    return figures


def warmed_up(ground: Ground, settings: Settings, **variables: str) -> Part:
    """Start a worker and let it decide some scans of units of their own, until nothing is left to do."""
    ground.say("starting a worker and warming it up")
    worker = ground.worker(settings, **variables)
    numbers = _FAR_UNITS + np.arange(_WARM_UNITS)
    for turn in range(2):
        send_scans(settings, *scans_of(numbers, np.full(_WARM_UNITS, turn)))
        wanted = (turn + 1) * _WARM_UNITS
        worker.wait(f"{wanted} verdicts", lambda now: now.total(VERDICTS) >= wanted, _START_SECONDS)  # noqa: B023  used at once
    worker.wait_until_calm(_CALM_SECONDS)
    return worker


def rest(worker: Part) -> Sample:
    """Pause an idle worker, while scans are loaded; returns what it had spent until then."""
    spent = worker.sample()
    worker.pause()
    return spent


def account(worker: Part, rested: Sample, scans: int) -> tuple[Sample, Sample]:
    """Let a paused worker go on and decide so many scans; returns what it had spent before and after.

    From the moment it goes on to the last verdict: start-up is apart, and no work lies outside of the two samples.
    """
    wanted = rested.total(VERDICTS) + scans
    before = replace(rested, wall=time.monotonic())
    worker.go_on()
    after = worker.wait(f"{scans:,} verdicts", lambda now: now.total(VERDICTS) >= wanted, _RUN_SECONDS)
    return before, after


def cost_per_scan(before: Sample, after: Sample) -> float:
    """Return processor microseconds per verdict."""
    return 1e6 * (after.cpu - before.cpu) / (after.total(VERDICTS) - before.total(VERDICTS))


def stages_of(before: Sample, after: Sample) -> dict[str, float]:
    """Return where the processor time went, in microseconds per scan.

    What the partitions' threads measure themselves, the threads of librdkafka and RocksDB, and Faust's main loop;
    "consume" is the rest: the thread that fetches, and what threads cost.
    """
    scans = after.total(VERDICTS) - before.total(VERDICTS)
    spent = {}
    for text, value in after.metrics.items():
        name, _, label = text.partition('_seconds_sum{stage="')
        if name == "scanledger_worker_stage":
            spent[label.rstrip('"}')] = value - before.metrics.get(text, 0.0)
    spent.pop("ledger", None)  # the sum of its own stages
    threads = {"main": "faust", "rdk": "librdkafka", "rocksdb": "rocksdb"}
    for kind, name in threads.items():
        spent[name] = after.threads.get(kind, 0.0) - before.threads.get(kind, 0.0)
    spent["consume"] = after.cpu - before.cpu - sum(spent.values())
    return {name: round(1e6 * seconds / scans, 3) for name, seconds in spent.items()}
