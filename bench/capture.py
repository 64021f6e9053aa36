"""Scans over HTTP: how many a process takes on one core, and how soon one that waits has its verdict.

The first on two cores of their own: the capture process has one, the broker and this client the other.
The second beside a steady stream of scans that come in over HTTP too, counted from when each request was due: a request
that had to wait for its turn is late by that.
"""

import os
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np

from bench.ground import Ground, environment
from bench.loading import load_sites, mix_of
from bench.part import Part
from bench.posting import SITE, Poster, a_line, bodies
from bench.worker import Figures, warmed_up
from pipeline.capture.http.keys import KeyRing
from pipeline.local.checks import Check, ask
from pipeline.local.ports import free_ports
from pipeline.settings import Settings

_SCANS: Final = 400_000
_EACH: Final = 1_000
_SENDERS: Final = 3
_START_SECONDS: Final = 180.0
_BESIDE: Final = 5_000  # scans a second
_BESIDE_EACH: Final = 500
_ASKED: Final = 50  # one-scan requests a second
_WARM_SECONDS: Final = 45  # a broker just started has yet to compile what it runs: it pays over twice for a transaction
_SECONDS: Final = 30
_WAIT_SECONDS: Final = 20
_FAR: Final = 500_000_000  # numbers of units that nothing else uses
_ON_ONE_CORE: Final = (
    "import os, sys; os.sched_setaffinity(0, {0}); os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
)


def run(ground: Ground) -> Figures:
    """Measure both, on topics of their own."""
    return _throughput(ground) | _waits(ground)


def _throughput(ground: Ground) -> Figures:
    settings = ground.fresh("capture")
    part, port, key = _capture(ground, settings, on_one_core=True)
    scans = ground.scaled(_SCANS, 20_000)
    warm, counted = list(bodies(20 * _EACH, _EACH, _FAR)), list(bodies(scans, _EACH))
    with _elsewhere(ground.kafka_pid):
        _send(port, key, warm)
        ground.say(f"sending {scans:,} scans over HTTP")
        before = part.sample()
        _send(port, key, counted)
        after = part.sample()
    part.stop()
    return {
        "capture_scans_per_s": scans / (after.wall - before.wall),
        "capture_cpu_us_per_scan": 1e6 * (after.cpu - before.cpu) / scans,
    }


def _waits(ground: Ground) -> Figures:
    settings = ground.fresh("waits")
    load_sites(settings, mix_of(1_000).world)
    worker = warmed_up(ground, settings)
    part, port, key = _capture(ground, settings)
    warm = max(3, round(_WARM_SECONDS * min(1.0, ground.scale)))
    seconds = warm + ground.scaled(_SECONDS, 5)
    ground.say(f"asking {_ASKED} times a second for a verdict, beside {_BESIDE:,} scans a second")
    beside = threading.Thread(target=_stream, args=(port, key, seconds))
    beside.start()
    try:
        delays = _ask(port, key, seconds)
    finally:
        beside.join()
    worker.stop()
    part.stop()
    p50, p99 = np.percentile(delays[warm * _ASKED :], [50, 99])
    return {"capture_wait_p50_ms": float(p50), "capture_wait_p99_ms": float(p99)}


def _capture(ground: Ground, settings: Settings, *, on_one_core: bool = False) -> tuple[Part, int, str]:
    """Start `scanledger capture`; return it, its port and an API key."""
    port, health_port = free_ports(2)
    _, key = KeyRing(settings.home).create("bench", "site", [SITE])
    variables = {"SCANLEDGER_CAPTURE_PORT": str(port), "SCANLEDGER_HEALTH_PORT": str(health_port)}
    pinned = (sys.executable, "-c", _ON_ONE_CORE) if on_one_core else (sys.executable,)
    command = (*pinned, "-P", "-m", "jobs", "capture")
    ground.say("starting capture")
    part = ground.start(command, environment(settings) | variables, health_port)
    part.wait("answer", lambda _: ask(Check("http", port)) == "ok", _START_SECONDS)
    return part, port, key


def _send(port: int, key: str, requests: list[bytes]) -> None:
    """Send requests on a few connections at once; returns when each was answered."""

    def send(some: list[bytes]) -> None:
        poster = Poster(port, key)
        for body in some:
            poster.post(body)

    with ThreadPoolExecutor(_SENDERS) as senders:
        list(senders.map(send, [requests[n::_SENDERS] for n in range(_SENDERS)]))


def _stream(port: int, key: str, seconds: int) -> None:
    """Send scans at a steady rate."""
    poster, begun = Poster(port, key), time.monotonic()
    every = _BESIDE_EACH / _BESIDE
    for turn, body in enumerate(bodies(_BESIDE * seconds, _BESIDE_EACH)):
        time.sleep(max(0.0, begun + turn * every - time.monotonic()))
        poster.post(body)


def _ask(port: int, key: str, seconds: int) -> list[float]:
    """Ask for verdicts at a steady rate; return the milliseconds of each from when it was due to its answer."""
    own = threading.local()

    def one(number: int, due: float) -> float:
        if not hasattr(own, "poster"):
            own.poster = Poster(port, key)
        own.poster.post(a_line(_FAR + number), f"?wait={_WAIT_SECONDS}")
        return (time.monotonic() - due) * 1000

    begun = time.monotonic() + 0.5
    with ThreadPoolExecutor(4 * _ASKED) as askers:
        answers = []
        for number in range(_ASKED * seconds):
            due = begun + number / _ASKED
            time.sleep(max(0.0, due - time.monotonic()))
            answers.append(askers.submit(one, number, due))
        return [answer.result() for answer in answers]


@contextmanager
def _elsewhere(pid: int) -> Iterator[None]:
    """Keep this process and another off the first core for the length of the block, where there are several."""
    cores = os.sched_getaffinity(0)
    others = cores - {0} or cores
    _bind(os.getpid(), others)
    _bind(pid, others)
    try:
        yield
    finally:
        _bind(os.getpid(), cores)
        _bind(pid, cores)


def _bind(pid: int, cores: set[int]) -> None:
    for thread in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(thread.name), cores)
