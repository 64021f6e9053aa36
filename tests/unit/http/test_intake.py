"""Where requests are worked on: small ones never wait behind large ones, however small those are as sent."""

import asyncio
import gzip
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cramjam
import pytest

from pipeline.capture.codes import CODES, CodeReader
from pipeline.capture.http import bodies, intake
from pipeline.capture.http.check import Checked, check
from pipeline.capture.http.intake import Intake, Posted, Read
from pipeline.capture.http.keys import Key
from pipeline.capture.http.lines import Lines
from pipeline.capture.http.problems import Refused
from pipeline.capture.http.receipts import Receipts
from pipeline.capture.http.room import Held, Room
from pipeline.metrics import Progress
from tests.http_house import SITE, ListedLog, a_scan

KEY = Key("k", "n", "site", (SITE,), "", 0)
LARGE = b"\n".join(json.dumps(a_scan(code=f"(01)09506000134352(21){n}")).encode() for n in range(2_000))
SMALL = json.dumps(a_scan()).encode()
PACKED: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "gzip": gzip.compress,
    "zstd": lambda content: bytes(cramjam.zstd.compress(content)),
}


@contextmanager
def an_intake(home: Path) -> Iterator[Intake]:
    receipts = Receipts(home)
    found = Intake(ListedLog(), receipts, Progress(60))
    try:
        yield found
    finally:
        found.close()
        receipts.close()


async def read(here: Intake, content: bytes, coding: str, room: Room) -> Read:
    with room.enter() as held:
        return await here.read(Posted(PACKED[coding](content), coding, "ndjson", KEY, None, None), held)


@pytest.mark.parametrize("coding", PACKED)
def test_a_small_request_is_checked_while_a_large_one_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, coding: str
) -> None:
    is_begun, may_end = threading.Event(), threading.Event()

    def check_slowly(lines: Lines, key: Key, now_ms: int, codes: CodeReader = CODES) -> Checked:
        if len(lines) > 1:
            is_begun.set()
            assert may_end.wait(20)
        return check(lines, key, now_ms, codes)

    monkeypatch.setattr(intake, "check", check_slowly)

    async def both(here: Intake) -> tuple[Read, Read]:
        large = asyncio.create_task(read(here, LARGE, coding, Room()))
        try:
            assert await asyncio.to_thread(is_begun.wait, 20)
            async with asyncio.timeout(10):
                small = await read(here, SMALL, coding, Room())
            assert not large.done()
        finally:
            may_end.set()
        return small, await large

    with an_intake(tmp_path) as here:
        small, large = asyncio.run(both(here))
    assert (len(small.checked), len(large.checked), large.size) == (1, 2_000, len(LARGE))


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_a_body_is_decompressed_where_nothing_else_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, coding: str
) -> None:
    threads: list[str] = []

    def decompress(*told: Any) -> bytes:  # noqa: ANN401  as it is called
        threads.append(threading.current_thread().name.partition("_")[0])
        return bodies.decompress(*told)

    monkeypatch.setattr(intake, "decompress", decompress)
    with an_intake(tmp_path) as here:
        for content in (SMALL, LARGE):
            asyncio.run(read(here, content, coding, Room()))
    assert threads == ["unpacking", "unpacking"]


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_a_decompressed_body_takes_room_and_gives_it_back(tmp_path: Path, coding: str) -> None:
    room = Room(most_bytes=len(LARGE))

    async def read_beside(held: Held) -> None:
        held.take(1)
        with pytest.raises(Refused) as refused:
            await read(here, LARGE, coding, room)
        assert refused.value.status == 429

    with an_intake(tmp_path) as here:
        with room.enter() as held:
            asyncio.run(read_beside(held))
        assert len(asyncio.run(read(here, LARGE, coding, room)).checked) == 2_000
