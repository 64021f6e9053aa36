"""Waiting a little until ClickHouse has what was sent through the log, so that the next page shows it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

LOOKS, LOOK_SECONDS = 20, 0.15  # the sink writes an act within a second or two


async def until_written(is_written: Callable[[], Awaitable[bool]]) -> None:
    """Return as soon as something is there, and after some looks in any case: it has been decided, or noted."""
    for _ in range(LOOKS):
        if await is_written():
            return
        await asyncio.sleep(LOOK_SECONDS)
