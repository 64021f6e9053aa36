"""Scans and sites put on the log before anything is measured."""

import json
import time
import uuid

from bench.ground import PARTITIONS, Ground
from pipeline.broker.send import Sender, send_internal
from pipeline.settings import Settings
from pipeline.simulate.plan import Plan
from pipeline.simulate.simulation import Simulation, simulate
from pipeline.simulate.world import World

MIX_SCANS = 1_000_000
SCANS_PER_UNIT = 10


def mix_of(scans: int) -> Simulation:
    """Return the benchmark's mix: a tenth as many units, a fifth of them with full tails, late ones and anomalies."""
    return simulate(Plan.bench(scans=scans, units=scans // SCANS_PER_UNIT))


def sites_json(world: World) -> str:
    """Return the content of a load of a world's sites."""
    columns = ("name", "latitude", "longitude", "kind")
    return json.dumps([dict(zip(columns, row, strict=True)) for row in world.sites()])


def load_sites(settings: Settings, world: World) -> None:
    """Tell every partition the sites; the worker takes them before the first scan."""
    record = {
        "id": uuid.uuid4().hex, "kind": "SITES", "subject": "sites", "base": 0, "author": "bench",
        "sent_at": time.time_ns() // 1_000_000, "content": sites_json(world),
    }  # fmt: skip
    send_internal(settings, record, range(PARTITIONS))


def send_mix(ground: Ground, settings: Settings, mix: Simulation) -> int:
    """Send all scans of the mix and return how many there were."""
    begun = time.monotonic()
    sender = Sender(settings, "scans")
    for batch in mix.batches():
        sender.send(batch.keys, batch.values)
    sender.finish()
    seconds = time.monotonic() - begun
    ground.say(f"sent {sender.acknowledged:,} scans in {seconds:.1f} s")
    return sender.acknowledged
