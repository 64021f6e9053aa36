"""The same rules the plain way in stock Faust, on 100,000 scans of the same topic: what a scan costs there."""

import sys
import time
from pathlib import Path
from typing import Final

from bench.ground import PARTITIONS, Ground, environment
from bench.loading import MIX_SCANS, load_sites, mix_of, send_mix, sites_json
from bench.part import Part, PartFailed, Sample
from bench.worker import Figures
from pipeline.broker.admin import watermarks
from pipeline.broker.topics import Topics
from pipeline.settings import Settings

_SCANS: Final = 100_000
_WARM: Final = 2_000
_SECONDS: Final = 900.0
_POLL_SECONDS: Final = 0.5


def run(ground: Ground) -> Figures:
    """Measure stock Faust from its first verdicts on; it produces one per scan, so the log's length counts them."""
    mix = mix_of(ground.scaled(MIX_SCANS, 10_000))
    if ground.mix is None:
        ground.mix = ground.fresh("mix")
        load_sites(ground.mix, mix.world)
        send_mix(ground, ground.mix, mix)
    out = ground.fresh("stock")
    sites = ground.home / "stock-sites.json"
    sites.write_text(sites_json(mix.world))
    scans = ground.scaled(_SCANS, 5_000)
    ground.say(f"stock Faust decides {scans:,} scans of the same topic, one at a time")
    stock = ground.start(
        (sys.executable, "-P", "-m", "bench.stock_faust", "worker", "-l", "info", "--without-web"),
        environment(out) | _variables(ground.mix, out, sites),
    )
    before, first = _wait_for(stock, out, _WARM)
    after, last = _wait_for(stock, out, first + scans)
    stock.stop()
    return {"stock_faust_cpu_us_per_scan": 1e6 * (after.cpu - before.cpu) / (last - first)}


def _variables(scans: Settings, out: Settings, sites: Path) -> dict[str, str]:
    topics = Topics.load(out.topic_prefix)
    return {
        "RUN_ID": "bench-stock",
        "BOOTSTRAP": out.kafka_bootstrap,
        "SCANS": Topics.load(scans.topic_prefix).name("scans"),
        "VERDICTS": topics.name("verdicts"),
        "REVISIONS": topics.name("revisions"),
        "ALERTS": topics.name("alerts"),
        "STATE_DIR": str(out.home),
        "PARTITIONS": str(PARTITIONS),
        "SITES": str(sites),
    }


def _wait_for(stock: Part, out: Settings, verdicts: int) -> tuple[Sample, int]:
    """Return what it has spent once there are so many verdicts, and how many there are."""
    topic = Topics.load(out.topic_prefix).name("verdicts")
    deadline = time.monotonic() + _SECONDS
    while (count := sum(mark.high for mark in watermarks(out, topic))) < verdicts:
        if stock.process.poll() is not None or time.monotonic() > deadline:
            message = f"stock Faust: {count} of {verdicts} verdicts; see its log: {stock.last_words()}"
            raise PartFailed(message)
        time.sleep(_POLL_SECONDS)
    return stock.sample(), count
