"""A pallet of five levels moves: from its one scan to the last verdict on what is in it, and what others wait for.

20,000 items lie in 1,000 boxes in 100 cases in 10 layers on one pallet. A tenth of the items are scanned by themselves
while the pallet moves, and other units of the same partitions go on being scanned at a steady rate.

A broker that has just started runs its transactions by code that is yet to be compiled, and pays two and a half times
over for each, for about a minute: so long the others are scanned before. Then the pallet moves four times, and the
median of the last three counts.
"""

import statistics
import threading
import time
from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from bench.ground import PARTITIONS, Ground
from bench.numbered import scans_of
from bench.part import PartFailed, Sample
from bench.worker import Figures, warmed_up
from pipeline.broker.send import Sender, send_scans
from pipeline.broker.tail import Tail
from pipeline.settings import Settings
from pipeline.wire.schemas import decode, encode

_PALLET: Final = "sku:BENCH/PALLET/1"
_LEVELS: Final = (10, 10, 10, 20)
_ALSO_SCANNED: Final = 10  # every tenth item
_START_MS: Final = 1_735_689_600_000
_OTHERS_PER_SECOND: Final = 2_000
_OTHERS: Final = 5_000_000_000  # numbers of units that nothing else uses
_TICK_SECONDS: Final = 0.05
_WARM_SECONDS: Final = 60.0
_BEFORE_SECONDS: Final = 5.0
_PERIOD_MS: Final = 60_000
_MOVES: Final[tuple[tuple[str, dict[str, str]], ...]] = (
    ("SHIP", {"destination": "shop-1"}),
    ("RECEIVE", {"site": "shop-1"}),
    ("SHIP", {"site": "shop-1", "destination": "shop-2"}),
    ("RECEIVE", {"site": "shop-2"}),
)
_UNCOUNTED: Final = 1
_READY_SECONDS: Final = 300.0
_PATIENCE_SECONDS: Final = 120.0
_STALLED_SECONDS: Final = 10.0
_ACTS: Final = "scanledger_worker_acts_total"

Tree = list[tuple[str, str]]
"""Each unit and what it is packed in, from the pallet downwards."""
Arrivals = list[tuple[float, bytes, bytes]]
"""Milliseconds since 1970 at which a reader had a verdict, its key and the verdict."""


def run(ground: Ground) -> Figures:
    """Build the pallet, move it, and measure until its last item has moved."""
    settings = ground.fresh("containers")
    worker = warmed_up(ground, settings)
    tree = list(_tree(ground.scaled(1000, 50) // 50))
    ground.say(f"packing {len(tree):,} units of five levels")
    send_scans(settings, *_packed(tree))
    worker.wait(f"{len(tree)} memberships", lambda now: _edges(now) >= len(tree), _READY_SECONDS)
    worker.wait_until_calm(_READY_SECONDS)
    stop = threading.Event()
    with Tail(settings, "verdicts", range(PARTITIONS)) as tail:
        others = threading.Thread(target=_scan_others, args=(settings, stop))
        others.start()
        try:
            ground.say(f"warming the broker up with {_OTHERS_PER_SECOND:,} scans a second")
            _drain(tail, _WARM_SECONDS * min(1.0, ground.scale))
            moves = [_moved(ground, settings, tail, tree, turn) for turn in range(len(_MOVES))]
        finally:
            stop.set()
            others.join()
    if any(move["containers_move_s"] > _STALLED_SECONDS for move in moves):  # what the worker says of it
        ground.say(f"something stood still; the worker's last words:\n{worker.last_words()}")
    worker.stop()
    counted = moves[_UNCOUNTED:]
    return {name: statistics.median(move[name] for move in counted) for name in counted[0]}


def _moved(ground: Ground, settings: Settings, tail: Tail, tree: Tree, turn: int) -> Figures:
    _drain(tail, _BEFORE_SECONDS)
    moved, arrivals = _move(settings, tail, tree, turn)
    figures = _figures(moved, arrivals, {key.encode() for key, _ in tree})
    took, others = figures["containers_move_s"], figures["containers_others_p99_ms"]
    ground.say(f"moved the pallet, {_MOVES[turn][0]}: {took:.1f} s, others {others:.0f} ms")
    return figures


def _tree(items_per_box: int) -> Iterator[tuple[str, str]]:
    above = [_PALLET]
    for level, width in enumerate((*_LEVELS[:-1], items_per_box), start=1):
        below: list[str] = []
        for holder in above:
            names = [f"sku:BENCH/L{level}/{len(below) + at}" for at in range(width)]
            yield from ((name, holder) for name in names)
            below += names
        above = below


def _packed(tree: Tree) -> tuple[list[bytes], list[bytes]]:
    made = [_scan(_PALLET, "COMMISSION", 0), *(_scan(key, "COMMISSION", 0) for key, _ in tree)]
    made += [_scan(key, "PACK", 1000, container=holder) for key, holder in tree]
    return [key for key, _ in made], [value for _, value in made]


def _scan(key: str, step: str, at_ms: int, **fields: Any) -> tuple[bytes, bytes]:  # noqa: ANN401  as the schema has them
    item, _, serial = key.rpartition("/")
    when = _START_MS + at_ms
    named = {"scan_id": f"{key} {step} {at_ms}", "item": item, "serial": serial, "step": step, "site": "dock"}
    told = {"event_time": when, "capture_time": when, "origin": "DEVICE"}
    return key.encode(), encode("scan", named | told | fields)


def _edges(sample: Sample) -> float:
    return sum(value for text, value in sample.metrics.items() if text.startswith(_ACTS) and 'kind="EDGE"' in text)


def _scan_others(settings: Settings, stop: threading.Event) -> None:
    """Scan units of no container at a steady rate until told to stop."""
    sender, sent, begun = Sender(settings, "scans"), 0, time.monotonic()
    while not stop.wait(_TICK_SECONDS):
        due = int((time.monotonic() - begun) * _OTHERS_PER_SECOND)
        numbers = _OTHERS + np.arange(sent, due)
        sender.send(*scans_of(numbers, np.zeros(due - sent, np.int64)))
        sent = due
    sender.finish()


def _drain(tail: Tail, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        tail.read(_TICK_SECONDS)


def _move(settings: Settings, tail: Tail, tree: Tree, turn: int) -> tuple[float, Arrivals]:
    """Send the pallet's scan among a tenth of the items'; returns when, and every verdict until all has moved."""
    items = [key for key, _ in tree if key.startswith(f"sku:BENCH/L{len(_LEVELS)}/")][::_ALSO_SCANNED]
    at_ms, (step, fields) = _PERIOD_MS * (turn + 1), _MOVES[turn]
    seen = [_scan(key, "OBSERVE", at_ms) for key in items]
    pallet = _scan(_PALLET, step, at_ms + 1000, **fields)
    scans = [*seen[::2], pallet, *seen[1::2]]
    columns = [key for key, _ in scans], [value for _, value in scans]
    sending = threading.Thread(target=send_scans, args=(settings, *columns))  # the reader goes on reading meanwhile
    moved = time.time() * 1000
    sending.start()
    arrivals = _read_until(tail, {key.encode() for key, _ in tree}, len(tree) + len(items))
    sending.join()
    return moved, arrivals


def _read_until(tail: Tail, keys: set[bytes], wanted: int) -> Arrivals:
    arrivals, found, deadline = Arrivals(), 0, time.monotonic() + _PATIENCE_SECONDS
    while found < wanted:
        records = tail.read(_TICK_SECONDS)
        now = time.time() * 1000
        kept = [one for one in records if one.value and not (one.key or b"").startswith(b"\0")]
        fresh = [(now, one.key or b"", one.value or b"") for one in kept]
        found += sum(key in keys for _, key, _ in fresh)
        arrivals += fresh
        if time.monotonic() > deadline:
            message = f"only {found} of {wanted} verdicts on what is on the pallet came"
            raise PartFailed(message)
    return arrivals


def _figures(moved: float, arrivals: Arrivals, keys: set[bytes]) -> Figures:
    last = max(now for now, key, value in arrivals if key in keys and _is_derived(value))
    waited = [now - _received_at(value) for now, key, value in arrivals if key not in keys and now <= last]
    if not waited:
        message = "no other scan was decided while the pallet moved"
        raise PartFailed(message)
    derived = sum(_is_derived(value) for _, key, value in arrivals if key in keys)
    return {
        "containers_move_s": (last - moved) / 1000,
        "containers_derived_scans": derived,
        "containers_others_p99_ms": float(np.percentile(waited, 99)),
    }


def _is_derived(value: bytes) -> bool:
    return bool(decode(value)[1]["scan"]["origin"] == "DERIVED")


def _received_at(value: bytes) -> int:
    return int(decode(value)[1]["decision"]["received_at"])
