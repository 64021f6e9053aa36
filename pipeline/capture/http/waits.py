"""A request that waits for its verdicts: heard as they are decided, or read where it is the repeat of an earlier one.

Flow: checked scans -> their partitions followed -> (sent) -> a verdict for each, what is held of those it repeats, and
the places of those that did not come in time.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from pipeline.capture.http.check import Checked
from pipeline.capture.http.decided import Told, repeated_of, row_told, verdict_told
from pipeline.capture.http.held import HeldScans
from pipeline.capture.http.likely import SURPRISING, Likely, Misread
from pipeline.capture.http.problems import Refused
from pipeline.capture.http.questions import Asked, Questions, Row
from pipeline.capture.http.reading import Reading
from pipeline.capture.http.receipts import Stored
from pipeline.capture.http.room import too_much
from pipeline.capture.http.verdicts import Verdict, Verdicts, Waiting
from pipeline.domain.routing import partition_of
from pipeline.errors import ScanledgerError
from pipeline.metrics import gauge

MOST_SECONDS: Final = 30
MOST_SCANS: Final = 100
_MOST_WAITING: Final = 1_000
_LOOK_SECONDS: Final = 0.1  # between two looks into the warehouse for what the sink has yet to write
_WAITING: Final = "as many requests wait for verdicts as may"


@dataclass(frozen=True)
class Outcome:
    """What a wait came to: the verdicts in the order of the request, and the places without one."""

    verdicts: list[Told]
    pending: list[int]

    def told(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {"verdicts": self.verdicts, "pending": self.pending}


class Waits:
    """Everybody's waits."""

    def __init__(self, verdicts: Verdicts, questions: Questions, reading: Reading, partitions: int) -> None:
        self._verdicts, self._questions, self._reading = verdicts, questions, reading
        self._likely = Likely(questions, reading)
        self._partitions = partitions
        self._waiting, self._is_closing = 0, False

    def close(self) -> None:
        """Let everybody go with what there is: the process is to end."""
        self._is_closing = True
        self._verdicts.stop_waiting()

    async def prepare(self, checked: Checked) -> list[bytes]:
        """Follow the partitions of a request's scans; return their keys, to be waited for once they are sent.

        Raises: Refused: 413 where there are too many scans to wait for, 429 where too many wait; BrokerUnreachable.
        """
        if checked.scans > MOST_SCANS:
            detail = (
                f"A request of {checked.scans:,} scans cannot be waited for, one of {MOST_SCANS} can: leave wait out."
            )
            raise Refused(413, "TOO_MANY_TO_WAIT_FOR", detail)
        if self._waiting >= _MOST_WAITING:
            raise too_much(_WAITING)
        keys = _keys(checked)
        await self._verdicts.follow({partition_of(key, self._partitions) for key in keys})
        return keys

    def begin(self, receipt: str, checked: Checked, keys: list[bytes]) -> Waiting:
        """Begin to wait: before the scans are sent. `end` must follow."""
        waiting = Waiting(receipt, checked.places.tolist(), keys)
        self._verdicts.add(waiting)
        self._count(1)
        return waiting

    def end(self, waiting: Waiting) -> None:
        """Wait no longer."""
        self._verdicts.remove(waiting)
        self._count(-1)

    async def hear(self, waiting: Waiting, deadline: float) -> Outcome:
        """Return the verdicts that come in time, by `time.monotonic`."""
        await waiting.wait(deadline - time.monotonic())
        found, pending = self._verdicts.so_far(waiting)
        held = self._held(deadline)
        told = await asyncio.gather(
            *(held.beside(verdict_told(place, found[place]), partial(dict, found[place])) for place in sorted(found))
        )
        return Outcome(await self._suggested(told, found), pending)

    async def _suggested(self, told: Sequence[Told], found: Mapping[int, Verdict]) -> list[Told]:
        """Return what is told, with the expected unit that a surprising one may be, misread."""
        misread = {
            at: Misread(one["unit_key"], document, one["step"])
            for at, one in enumerate(told)
            if one["reason"] in SURPRISING and (document := found[one["index"]]["scan"]["document"])
        }
        likely = dict(zip(misread, await self._likely.of(list(misread.values())), strict=True))
        return [one | {"likely": likely[at]} if likely.get(at) else one for at, one in enumerate(told)]

    async def read(self, stored: Stored, deadline: float) -> Outcome:
        """Return what became of an earlier request, waiting for what the warehouse does not have yet."""
        asked = Asked(stored.id, stored.created_ms)
        queued = int(stored.answer["counts"]["queued"])
        malformed = {fault["index"] for fault in stored.answer["malformed"]}
        places = [place for place in range(stored.answer["counts"]["scans"]) if place not in malformed]
        rows: list[Row] = []
        with suppress(ScanledgerError):  # without a warehouse everything is pending
            while len(rows) < queued:
                rows = await self._reading.ask(lambda: self._questions.scans(asked, -1, queued))
                if len(rows) < queued and not await self._may_look_again(deadline):
                    break
        found, held = {row["place"] for row in rows}, self._held(deadline)
        told = await asyncio.gather(*(held.beside(row_told(row), partial(repeated_of, row)) for row in rows))
        return Outcome(told, [place for place in places if place not in found])

    def _held(self, deadline: float) -> HeldScans:
        return HeldScans(self._questions, self._reading, self._may_look_again, deadline)

    async def _may_look_again(self, deadline: float) -> bool:
        """Wait a moment; False where there is no time left for it."""
        if self._is_closing or time.monotonic() + _LOOK_SECONDS > deadline:
            return False
        await asyncio.sleep(_LOOK_SECONDS)
        return True

    def _count(self, change: int) -> None:
        self._waiting += change
        gauge("scanledger_capture_waiting_requests", self._waiting)


def _keys(checked: Checked) -> list[bytes]:
    pairs = zip(checked.texts["item"], checked.texts["serial"], strict=True)
    return [(f"{item}/{serial}" if item else str(serial)).encode() for item, serial in pairs]
