"""How fast the simulator tells the benchmark's mix, as keys and framed values, without a broker."""

import time

from bench.ground import Ground
from bench.loading import MIX_SCANS, mix_of
from bench.worker import Figures


def run(ground: Ground) -> Figures:
    """Generate the mix in this process; the first batches, which compile, are told once before."""
    mix = mix_of(ground.scaled(MIX_SCANS, 10_000))
    sum(map(len, mix_of(10_000).batches()))
    ground.say("the simulator tells the mix")
    begun = time.monotonic()
    scans = sum(map(len, mix.batches()))
    return {"simulate_scans_per_s": scans / (time.monotonic() - begun)}
