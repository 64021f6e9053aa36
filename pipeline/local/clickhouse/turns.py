"""Turns for those who may have only so many statements at once: some run, some wait, the others come again."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final

from pipeline.local.clickhouse.failures import TOO_MANY_SIMULTANEOUS_QUERIES, QueryError

_LATER: Final = "try again when some of them have ended. (TOO_MANY_SIMULTANEOUS_QUERIES)"


class Turns:
    """So many turns, and so many places in the queue for one, each for so long."""

    def __init__(self, at_once: int, in_queue: int, seconds: float) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._at_once, self._in_queue, self._seconds = at_once, in_queue, seconds
        self._waiting = 0

    async def take(self, *ends: Coroutine[Any, Any, Any]) -> None:
        """Wait for a turn, which `give_back` ends.

        Args:
            ends: what ends the waiting before there is a turn.

        Raises:
            QueryError: The queue is full, the wait was too long, or came to an end (202).
        """
        others = [asyncio.ensure_future(end) for end in ends]
        try:
            if self._free.locked() and self._waiting >= self._in_queue:
                raise QueryError(TOO_MANY_SIMULTANEOUS_QUERIES, f"{self._told()} and {self._waiting} wait: {_LATER}")
            turn = asyncio.ensure_future(self._free.acquire())
            await self._wait(turn, others)
        finally:
            for other in others:
                other.cancel()

    def give_back(self) -> None:
        """Let the next have the turn."""
        self._free.release()

    async def _wait(self, turn: asyncio.Task[Any], others: list[asyncio.Task[Any]]) -> None:
        self._waiting += 1
        try:
            await asyncio.wait((turn, *others), timeout=self._seconds, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            self._give_up(turn)
            raise
        finally:
            self._waiting -= 1
        if not turn.done():
            self._give_up(turn)
            is_over = any(other.done() for other in others)
            why = "the wait was broken off" if is_over else f"none ended in {self._seconds:g} s"
            raise QueryError(TOO_MANY_SIMULTANEOUS_QUERIES, f"{self._told()}, and {why}: {_LATER}")

    def _give_up(self, turn: asyncio.Task[Any]) -> None:
        """A turn that came in the same moment goes to the next."""
        if turn.done() and not turn.cancelled():
            self.give_back()
        turn.cancel()

    def _told(self) -> str:
        return f"Too many simultaneous queries of analysts: {self._at_once} run"
