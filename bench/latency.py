"""From the append of a scan to its verdict at a reader of committed records, at 10,000 scans a second.

Both times are this machine's: the broker's append time of the scan, which the verdict carries as `received_at`, and the
clock when the reader has the verdict. The append time of the verdict would not do: it is not visible before its commit.

A broker that has just started compiles its own code for half a minute, on the cores that the worker needs: the first
scans of the stream warm it up and are not counted.
"""

import threading
import time
from typing import Final

import numpy as np

from bench.ground import PARTITIONS, Ground
from bench.loading import load_sites, mix_of
from bench.part import PartFailed
from bench.worker import Figures, warmed_up
from pipeline.broker.send import Sender
from pipeline.broker.tail import Tail
from pipeline.settings import Settings
from pipeline.simulate.sending import Pace, send_batches
from pipeline.simulate.simulation import Batch
from pipeline.wire.schemas import decode

_RATE: Final = 10_000
_WARM_SECONDS: Final = 25
_SECONDS: Final = 20
_DECODED: Final = 50_000  # of all verdicts: enough for the tail, and quick
_PATIENCE_SECONDS: Final = 60.0

Arrivals = list[tuple[float, list[bytes]]]
"""Verdicts with the milliseconds since 1970 at which a reader had them."""


def run(ground: Ground) -> Figures:
    """Measure at a steady rate for 20 seconds, after 25 uncounted ones."""
    settings = ground.fresh("latency")
    mix = mix_of(ground.scaled(_RATE * (_WARM_SECONDS + _SECONDS), 10_000))
    batches = list(mix.batches())
    load_sites(settings, mix.world)
    worker = warmed_up(ground, settings)
    ground.say(f"sending {_RATE:,} scans a second and reading their verdicts")
    with Tail(settings, "verdicts", range(PARTITIONS)) as tail:
        sending = threading.Thread(target=_send, args=(settings, batches))
        sending.start()
        try:
            count = sum(map(len, batches))
            arrivals = _read(tail, count)
        finally:
            sending.join()
    worker.stop()
    p50, p99 = np.percentile(_delays(arrivals, after=count * _WARM_SECONDS // (_WARM_SECONDS + _SECONDS)), [50, 99])
    return {"latency_p50_ms": float(p50), "latency_p99_ms": float(p99)}


def _send(settings: Settings, batches: list[Batch]) -> None:
    sender = Sender(settings, "scans")
    for _ in send_batches(sender, batches, PARTITIONS, pace=Pace(_RATE), stopped=lambda: False):
        pass
    sender.finish()


def _read(tail: Tail, count: int) -> Arrivals:
    arrivals, seen, heard = Arrivals(), 0, time.monotonic()
    while seen < count:
        records = tail.read(0.1)
        now = time.time() * 1000
        values = [record.value for record in records if record.value and not (record.key or b"").startswith(b"\0")]
        if values:
            heard = time.monotonic()
            arrivals.append((now, values))
            seen += len(values)
        elif time.monotonic() - heard > _PATIENCE_SECONDS:
            message = f"only {seen} of {count} verdicts came"
            raise PartFailed(message)
    return arrivals


def _delays(arrivals: Arrivals, after: int) -> list[float]:
    """Return the milliseconds of evenly chosen verdicts, leaving out the first so many."""
    count = sum(len(values) for _, values in arrivals)
    every, place, delays = max(1, (count - after) // _DECODED), 0, []
    for now, values in arrivals:
        if place >= after:
            for value in values[-place % every :: every]:
                delays.append(now - decode(value)[1]["decision"]["received_at"])
        place += len(values)
    return delays
