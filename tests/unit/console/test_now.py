"""What is shared by all who look at Now: one look, made only while somebody asks."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import cast

import pytest

from analytics.console import now as looked_at
from analytics.console.asking import Asking
from analytics.console.now import Latest, Looks, Now, unheard_of, with_silence
from analytics.console.pages import now as page
from analytics.console.pages.now import News, event, parts_of, told
from analytics.console.users import SESSION_SECONDS
from pipeline.errors import WarehouseDown
from pipeline.warehouse.client import Warehouse
from tests.unit.console.desks import Office

T0 = datetime(2026, 1, 1, tzinfo=UTC)


def a_now(at_ms: int = 0) -> Now:
    return Now(at_ms, [0], {"ACCEPTED": [1]}, {"ACCEPTED": 1}, 1.0, 0, [], [], [])


@pytest.mark.parametrize(
    ("is_asked", "silent", "says"),
    [
        (True, 0, "none silent"), (True, 2, "2 silent"), (False, 2, "2 silent"),
        (False, 0, "this stack does not ask which are silent"), (None, 0, "no open alert of a silent site"),
    ],
)  # fmt: skip
def test_that_no_site_is_silent_is_said_only_where_somebody_asks(
    opened: Office, *, is_asked: bool | None, silent: int, says: str
) -> None:
    sites = with_silence([], {f"shop-{number}": "a" * 32 for number in range(silent)})
    parts = parts_of(opened.desk, replace(a_now(), is_asked=is_asked, sites=sites))
    assert f"{says}</span>" in parts["now-figures"]
    assert ("none silent" in parts["now-figures"]) == (says == "none silent")
    assert ("started with --no-findings and asks none" in parts["now-sites"]) == (is_asked is False)


def test_many_sites_without_a_scan_are_counted_and_some_of_them_named(opened: Office) -> None:
    parts = parts_of(opened.desk, replace(a_now(), unheard=[f"shop-{k}" for k in range(7)]))
    assert '<span class="figure-value">7</span>' in parts["now-figures"]
    assert '<a href="/sites">7 without a scan here</a>' in parts["now-figures"]
    assert 'name=shop-4">shop-4</a> and 2 more.' in parts["now-sites"]


def test_a_silent_site_without_a_scan_here_stands_once_among_the_sites(opened: Office) -> None:
    sites = with_silence([{"site": "lyon", "last_at": T0, "lately": 0, "rejected_lately": 0}], {"oslo": "a" * 32})
    unheard = unheard_of(["lyon", "oslo", "nice"], sites)
    parts = parts_of(opened.desk, replace(a_now(), sites=sites, unheard=unheard))
    assert unheard == ["nice"]
    assert [site["site"] for site in sites] == ["oslo", "lyon"]
    assert '<span class="figure-value">3</span>' in parts["now-figures"]
    assert parts["now-sites"].count(">oslo</a>") == 1


def test_the_site_table_once_there_is_one_is_read_only_when_all_sites_are(
    opened: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = list[str]()

    def answer(_: object, name: str, **__: object) -> list[dict[str, object]]:
        asked.append(name)
        is_there = name == "sites_loaded" and asked.count(name) > 1
        return [{"site": "nice"}] if is_there else []

    monkeypatch.setattr(looked_at, "ask", answer)
    monkeypatch.setattr(looked_at, "read_marks", lambda _: [])
    looks = Looks(replace(opened.desk, asking=Asking(lambda: cast(Warehouse, None))))

    async def look() -> list[list[str]]:
        unheard = []
        for seconds in (0, 2, 599, 1):
            opened.now += seconds
            unheard.append((await looks.look()).unheard)
        return unheard

    assert asyncio.run(look()) == [[], *[["nice"]] * 3]
    assert asked.count("sites_loaded") == 3


class Counting:
    """Looks that are counted; the clock is the test's."""

    def __init__(self) -> None:
        self.looks, self.now = 0, 0.0
        self.is_down = False

    async def look(self) -> Now:
        self.looks += 1
        await asyncio.sleep(0)
        if self.is_down:
            message = "ClickHouse does not answer."
            raise WarehouseDown(message)
        return a_now(self.looks)

    def latest(self) -> Latest:
        return Latest(self.look, 2.0, lambda: self.now)


def test_many_who_ask_at_once_are_told_one_look() -> None:
    counting = Counting()

    async def all_ask() -> set[int]:
        latest = counting.latest()
        return {now.at_ms for now in await asyncio.gather(*(latest.get() for _ in range(50)))}

    assert asyncio.run(all_ask()) == {1}
    assert counting.looks == 1


def test_a_look_is_made_again_when_it_is_old_and_somebody_asks() -> None:
    counting = Counting()

    async def ask() -> list[int]:
        latest, told_ = counting.latest(), []
        for moment in (0.0, 1.9, 2.0, 2.1, 60.0):
            counting.now = moment
            told_.append((await latest.get()).at_ms)
        return told_

    assert asyncio.run(ask()) == [1, 1, 2, 2, 3]


def test_who_can_wait_for_news_is_told_an_older_look_at_once() -> None:
    counting = Counting()

    async def ask() -> list[int]:
        latest, heard = counting.latest(), []
        for moment in (0.0, 9.9, 10.0):
            counting.now = moment
            heard.append((await latest.get(10.0)).at_ms)
        return heard

    assert asyncio.run(ask()) == [1, 1, 2]


def test_a_look_that_failed_is_made_again() -> None:
    counting = Counting()

    async def ask() -> int:
        latest = counting.latest()
        counting.is_down = True
        with pytest.raises(WarehouseDown):
            await latest.get()
        counting.is_down = False
        return (await latest.get()).at_ms

    assert asyncio.run(ask()) == 2


def test_a_stream_tells_trouble_and_goes_on_until_the_session_is_over(opened: Office) -> None:
    session = opened.session("analyst")
    counting = Counting()
    counting.is_down = True

    async def listen() -> list[bytes]:
        heard, stream = [], told(opened.desk, News(opened.desk, counting.latest()), session)
        heard.append(await anext(stream))
        heard.append(await anext(stream))
        opened.now += SESSION_SECONDS
        opened.desk.closing.set()
        opened.desk.closing.clear()
        heard += [one async for one in stream]
        return heard

    retry, trouble, over = asyncio.run(listen())
    assert retry == b"retry: 3000\n\n"
    assert trouble.startswith(b"event: trouble\n")
    assert b"ClickHouse does not answer" in trouble
    assert over.startswith(b"event: over\n")


def test_a_stream_ends_when_the_process_is_told_to(opened: Office) -> None:
    session = opened.session("analyst")

    async def listen() -> int:
        heard = 0
        async for _ in told(opened.desk, News(opened.desk, Counting().latest()), session):
            heard += 1
            opened.desk.closing.set()
        return heard

    assert asyncio.run(listen()) == 1


def test_the_news_of_a_look_are_written_once_however_many_listen(
    opened: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    counting, written = Counting(), list[int]()

    def write(_: object, now: Now) -> dict[str, object]:
        written.append(now.at_ms)
        return {"at": now.at_ms}

    monkeypatch.setattr(page, "told_of", write)

    async def all_listen() -> list[bytes]:
        news = News(opened.desk, counting.latest())
        first = [await news.get() for _ in range(6)]
        counting.now = 2.0
        return [*first, await news.get()]

    heard = asyncio.run(all_listen())
    assert written == [1, 2]
    assert heard == [event("now", {"at": at}) for at in (1, 1, 1, 1, 1, 1, 2)]


def test_an_event_is_one_line_of_data_whatever_it_says() -> None:
    name, data, *rest = event("now", {"says": "a\nb\r\n\ndata: c"}).decode().split("\n")
    assert (name, rest) == ("event: now", ["", ""])
    assert json.loads(data.removeprefix("data: ")) == {"says": "a\nb\r\n\ndata: c"}
