"""From the moment a scheduled question's answer changes to the first byte at a receiver.

Units that were shipped a little less than the days ago after which a transit is overdue become so one after the other,
at moments known beforehand; nothing else happens then. The whole way is in it: the question at its interval, the
finding through the log, the fold that opens the alert, the delivery.
"""

import time
from typing import Any, Final

import numpy as np

from analytics.findings import schedule
from bench.ground import Ground
from bench.part import PartFailed
from bench.receiver import receiver, start_notify
from bench.sink import migrate, with_clickhouse
from bench.worker import Figures, warmed_up
from pipeline.broker.send import send_scans
from pipeline.settings import Settings
from pipeline.wire.schemas import encode

_ITEM: Final = "sku:BENCH/LATE"
_UNITS: Final = 90
_BEFORE_SECONDS: Final = 40.0  # until then the scans are in ClickHouse
_APART_SECONDS: Final = 2.7  # no part of the interval, so that every moment between two askings comes up
_DAY_MS: Final = 86_400_000
_PATIENCE_SECONDS: Final = 90.0


def run(ground: Ground) -> Figures:
    """Measure the openings of 90 transits that become overdue every 2.7 seconds."""
    (overdue,) = (one for one in schedule() if one.kind == "OVERDUE_TRANSIT")
    settings = ground.fresh("scheduled")
    settings, clickhouse = with_clickhouse(ground, settings)
    migrate(ground, settings)
    worker = warmed_up(ground, settings)
    sink, findings = ground.verb(("sink",), settings), ground.verb(("findings",), settings)
    arrived = dict[str, float]()

    def note(told: dict[str, Any], now: float) -> None:
        if told["event"] == "opened":
            arrived.setdefault(told["alert"]["subject"], now)

    server = receiver(note)
    notify = start_notify(ground, settings, server, _ITEM)
    first = time.time() * 1000 + 1000 * _BEFORE_SECONDS
    due = {f"{_ITEM}/{number}": first + 1000 * _APART_SECONDS * number for number in range(_UNITS)}
    _ship(settings, {key: int(at) - int(overdue.parameters["days"]) * _DAY_MS for key, at in due.items()})
    ground.say(f"{_UNITS} transits become overdue")
    deadline = time.monotonic() + _BEFORE_SECONDS + _APART_SECONDS * _UNITS + _PATIENCE_SECONDS
    try:
        while len(arrived) < _UNITS:
            time.sleep(0.2)
            if time.monotonic() > deadline:
                message = f"only {len(arrived)} of {_UNITS} findings were told; {findings.last_words()}"
                raise PartFailed(message)
    finally:
        server.shutdown()
    for part in (notify, findings, sink, worker, clickhouse):
        part.stop()
    delays = np.array([arrived[f"unit:{key}"] - at for key, at in due.items()]) / 1000
    return {
        "finding_interval_s": overdue.every_seconds,
        "finding_p50_s": float(np.median(delays)),
        "finding_most_s": float(delays.max()),
    }


def _ship(settings: Settings, shipped: dict[str, int]) -> None:
    scans = []
    for step, before_ms in (("COMMISSION", 60_000), ("SHIP", 0)):
        for key, at in shipped.items():
            told = {"event_time": at - before_ms, "capture_time": at - before_ms, "origin": "DEVICE", "step": step}
            named = {"scan_id": f"{step} {key}", "item": _ITEM, "serial": key.rpartition("/")[2], "site": "bench"}
            scans.append((key.encode(), encode("scan", named | told)))
    send_scans(settings, [key for key, _ in scans], [value for _, value in scans])
