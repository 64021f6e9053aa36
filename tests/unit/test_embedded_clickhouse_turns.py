"""Turns: how many run, how many wait, and what those are told who come when all places are taken."""

import asyncio

import pytest

from pipeline.local.clickhouse.failures import QueryError
from pipeline.local.clickhouse.turns import Turns

LONG = 60.0


async def taken(turns: Turns, count: int) -> list[asyncio.Task[None]]:
    """Returns those who ask for a turn, each in its place."""
    tasks = [asyncio.create_task(turns.take()) for _ in range(count)]
    for _ in range(5):
        await asyncio.sleep(0)
    return tasks


def test_so_many_have_a_turn_and_so_many_wait_in_their_order() -> None:
    async def play() -> None:
        turns = Turns(2, 2, LONG)
        first, second, third, fourth = await taken(turns, 4)
        assert (first.done(), second.done(), third.done(), fourth.done()) == (True, True, False, False)
        with pytest.raises(QueryError, match="2 run and 2 wait: try again") as refused:
            await turns.take()
        assert refused.value.code == 202
        turns.give_back()
        await third
        assert not fourth.done()
        turns.give_back()
        await fourth

    asyncio.run(play())


def test_nobody_waits_longer_than_so_long_and_the_place_is_free_again() -> None:
    async def play() -> None:
        turns = Turns(1, 1, 0.02)
        await turns.take()
        for _ in range(3):
            with pytest.raises(QueryError, match="1 run, and none ended in"):
                await turns.take()
        turns.give_back()
        await turns.take()

    asyncio.run(play())


def test_what_ends_the_waiting_loses_no_turn() -> None:
    async def play() -> None:
        turns, gone = Turns(1, 2, LONG), asyncio.Event()
        await turns.take()
        waiting = asyncio.create_task(turns.take(gone.wait()))
        cancelled = asyncio.create_task(turns.take())
        await asyncio.sleep(0.01)
        gone.set()
        cancelled.cancel()
        with pytest.raises(QueryError, match="broken off"):
            await waiting
        with pytest.raises(asyncio.CancelledError):
            await cancelled
        turns.give_back()
        await turns.take()

    asyncio.run(play())
