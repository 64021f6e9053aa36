"""From the append of a scan that opens an alert to the first byte at a receiver, beside 10,000 scans a second.

Both times are this machine's: the broker's append time of the scan, which the delivery carries as `received_at`, and
the clock when the receiver has read the first lines of the request, so a little after its first byte.

The openings are of units of their own, ten a second, by a route of their own that tells at once; what the other scans
open takes no route. The first part of the stream warms up broker and worker and is not counted.
"""

import threading
import time
from typing import Any, Final

import numpy as np

from bench.ground import PARTITIONS, Ground
from bench.loading import load_sites, mix_of
from bench.part import PartFailed
from bench.receiver import receiver, start_notify
from bench.worker import Figures, warmed_up
from pipeline.broker.send import Sender
from pipeline.settings import Settings
from pipeline.simulate.sending import Pace, send_batches
from pipeline.simulate.simulation import Batch
from pipeline.wire.schemas import encode

_RATE: Final = 10_000
_OPENINGS_PER_S: Final = 10
_WARM_SECONDS: Final = 25
_SECONDS: Final = 20
_PATIENCE_SECONDS: Final = 60.0
_ITEM: Final = "sku:BENCH/DEAD"


def run(ground: Ground) -> Figures:
    """Measure 200 openings while scans come in, after 25 uncounted seconds."""
    settings = ground.fresh("notify")
    mix = mix_of(ground.scaled(_RATE * (_WARM_SECONDS + _SECONDS), 10_000))
    batches = list(mix.batches())
    load_sites(settings, mix.world)
    worker = warmed_up(ground, settings)
    delays: list[float] = []

    def note(told: dict[str, Any], now: float) -> None:
        if told["event"] == "opened":
            received = np.datetime64(told["alert"]["received_at"].removesuffix("+00:00"), "ms").astype(np.int64)
            delays.append(now - float(received))

    server = receiver(note)
    notify = start_notify(ground, settings, server, _ITEM)
    ground.say(f"sending {_RATE:,} scans a second, and {_OPENINGS_PER_S} that open alerts")
    sending = threading.Thread(target=_send, args=(settings, batches))
    sending.start()
    try:
        count = _open(settings, ground.scaled(_OPENINGS_PER_S * _SECONDS, 20), ground.scaled(_WARM_SECONDS))
        _wait_for(count, delays)
    finally:
        sending.join()
        server.shutdown()
    notify.stop()
    worker.stop()
    p50, p99 = np.percentile(delays, [50, 99])
    return {"notify_p50_ms": float(p50), "notify_p99_ms": float(p99)}


def _send(settings: Settings, batches: list[Batch]) -> None:
    sender = Sender(settings, "scans")
    for _ in send_batches(sender, batches, PARTITIONS, pace=Pace(_RATE), stopped=lambda: False):
        pass
    sender.finish()


def _open(settings: Settings, count: int, after_seconds: float) -> int:
    """Let so many units die, then have each seen again at an even rate."""
    sender = Sender(settings, "scans")
    for step in ("COMMISSION", "RETIRE"):
        _scan(sender, range(count), step)
    sender.finish()
    begin = time.monotonic() + after_seconds
    for number in range(count):
        time.sleep(max(0.0, begin + number / _OPENINGS_PER_S - time.monotonic()))
        _scan(sender, range(number, number + 1), "SHIP")
    sender.finish()
    return count


def _scan(sender: Sender, numbers: range, step: str) -> None:
    now = time.time_ns() // 1_000_000
    scans = [
        {
            "scan_id": f"{step} {number}", "item": _ITEM, "serial": str(number), "step": step,
            "event_time": now, "capture_time": now, "site": "bench", "origin": "DEVICE",
        }
        for number in numbers
    ]  # fmt: skip
    sender.send([f"{_ITEM}/{number}".encode() for number in numbers], [encode("scan", scan) for scan in scans])


def _wait_for(count: int, delays: list[float]) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while len(delays) < count:
        if time.monotonic() > deadline:
            message = f"only {len(delays)} of {count} openings were told"
            raise PartFailed(message)
        time.sleep(0.1)
