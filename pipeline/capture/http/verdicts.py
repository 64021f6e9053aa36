"""Verdicts waited for: one reader for all requests, which follows the partitions that somebody waits for, no others.

Flow: the keys of a request's scans -> (their partitions followed, the scans sent by others) -> the verdict of each.

A verdict is told by the receipt in its scan. So the copy that is decided first answers, also where a request that was
cut off is completed by its repeat.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, Final, Protocol

from pipeline.broker.tail import Followed
from pipeline.errors import BrokerUnreachable
from pipeline.metrics import count
from pipeline.wire.framing import Undecodable
from pipeline.wire.schemas import decode

_LOG = logging.getLogger("pipeline.capture")
_READ_SECONDS: Final = 0.05
_ANSWER_SECONDS: Final = 1.0
_IDLE_SECONDS: Final = 60.0  # how long partitions are followed for the next who waits

Verdict = dict[str, Any]


class Partitions(Protocol):
    """What is followed: `pipeline.broker.watch.Watch`, or a double in tests."""

    @property
    def followed(self) -> frozenset[int]:
        """The partitions followed now."""

    def follow(self, partitions: Iterable[int], seconds: float) -> None:
        """Follow further ones; raises BrokerUnreachable."""

    def leave(self) -> None:
        """Follow none."""

    def read(self, seconds: float) -> list[Followed]:
        """Return what has come; raises BrokerUnreachable."""

    def close(self) -> None:
        """Let go."""


class Waiting:
    """One request that waits: for the verdicts of `places` of a receipt, under `keys`."""

    def __init__(self, receipt: str, places: Iterable[int], keys: Iterable[bytes]) -> None:
        self.receipt, self.keys = receipt, frozenset(keys)
        self.pending = set(places)
        self.found: dict[int, Verdict] = {}
        self._loop, self._all = asyncio.get_running_loop(), asyncio.Event()
        if not self.pending:
            self._all.set()

    async def wait(self, seconds: float) -> None:
        """Return when every verdict is here, or the time is over."""
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, seconds)):
                await self._all.wait()

    def stop(self) -> None:
        """Wait no longer."""
        with suppress(RuntimeError):  # the loop has ended, and who waited with it
            self._loop.call_soon_threadsafe(self._all.set)

    def take(self, place: int, verdict: Verdict) -> None:
        """Take a verdict; the first of a place answers."""
        if place in self.pending:
            self.found[place] = verdict
            self.pending.discard(place)
            if not self.pending:
                self.stop()


class Verdicts:
    """Everybody who waits, and the thread that reads for them."""

    def __init__(self, watch: Callable[[], Partitions]) -> None:
        """Start reading when somebody waits; `watch` makes what is followed, again after it has failed."""
        self._make, self._watch = watch, watch()
        self._asked: list[tuple[frozenset[int], Future[None]]] = []
        self._waiting: dict[bytes, list[Waiting]] = {}
        self._lock, self._work = threading.Lock(), threading.Event()
        self._is_closing = False
        self._wanted = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="verdicts", daemon=True)
        self._thread.start()

    async def follow(self, partitions: Iterable[int]) -> None:
        """Return when these partitions are followed: send only then.

        Raises: BrokerUnreachable.
        """
        wanted, done = frozenset(partitions), Future[None]()
        with self._lock:
            self._wanted = time.monotonic()
            if wanted <= self._watch.followed:
                return
            self._asked.append((wanted, done))
        self._work.set()
        await asyncio.wrap_future(done)

    def add(self, waiting: Waiting) -> None:
        """Wait for verdicts from now on."""
        with self._lock:
            for key in waiting.keys:
                self._waiting.setdefault(key, []).append(waiting)
        self._work.set()

    def so_far(self, waiting: Waiting) -> tuple[dict[int, Verdict], list[int]]:
        """Return what has come for a request, and the places for which nothing has."""
        with self._lock:
            return dict(waiting.found), sorted(waiting.pending)

    def remove(self, waiting: Waiting) -> None:
        """Wait for them no longer."""
        with self._lock:
            for key in waiting.keys:
                self._waiting[key].remove(waiting)
                if not self._waiting[key]:
                    del self._waiting[key]

    def stop_waiting(self) -> None:
        """Let everybody go with what there is: the process is to end."""
        with self._lock:
            everybody = {id(one): one for many in self._waiting.values() for one in many}
        for waiting in everybody.values():
            waiting.stop()

    def close(self) -> None:
        """Stop reading."""
        self._is_closing = True
        self._work.set()
        self._thread.join()
        self._watch.close()

    def _run(self) -> None:
        while not self._is_closing:
            try:
                self._follow_asked()
                if self._watch.followed:
                    self._hand_out(self._watch.read(_READ_SECONDS))
                    self._leave_if_idle()
                else:
                    self._work.wait()
                    self._work.clear()
            except BrokerUnreachable as error:  # who waits gets what there is when its time is over
                _LOG.warning("%s", error)
                count("scanledger_capture_errors_total", where="verdicts")
                self._begin_again()

    def _follow_asked(self) -> None:
        with self._lock:
            asked, self._asked = self._asked, []
        for at, (partitions, done) in enumerate(asked):
            try:
                self._watch.follow(partitions, _ANSWER_SECONDS)
            except BrokerUnreachable as error:
                for _, also in asked[at:]:
                    also.set_exception(error)
                raise
            done.set_result(None)

    def _hand_out(self, records: Iterable[Followed]) -> None:
        for record in records:
            with self._lock:
                if record.key in self._waiting and record.value is not None:
                    self._hand_to(self._waiting[record.key], record.value)

    def _hand_to(self, waiting: Iterable[Waiting], value: bytes) -> None:
        try:
            verdict = decode(value)[1]
        except Undecodable:
            count("scanledger_capture_errors_total", where="verdict")
            return
        receipt, _, place = (verdict["scan"]["receipt"] or "").rpartition("/")
        for one in waiting:
            if one.receipt == receipt and place.isdecimal():
                one.take(int(place), verdict)

    def _leave_if_idle(self) -> None:
        with self._lock:
            if not self._waiting and time.monotonic() - self._wanted > _IDLE_SECONDS:
                self._watch.leave()

    def _begin_again(self) -> None:
        former = self._watch
        with self._lock:
            self._watch = self._make()
        former.close()
