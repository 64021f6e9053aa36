"""A page in parts: what is known at once is sent before the rest is asked for."""

import asyncio
from collections.abc import Callable

import pytest
from fastapi import Request
from jinja2 import ChoiceLoader, DictLoader, UndefinedError

from analytics.console.rendering import Frame
from pipeline.errors import WarehouseDown

REQUEST = Request({"type": "http", "path": "/unit", "query_string": b"code=<A>", "headers": []})


@pytest.fixture
def frame() -> Frame:
    frame = Frame()
    templates = frame._templates
    assert templates.loader is not None
    own = DictLoader({"two.html": "<p>{{ above }}</p>{{ part }}{% set more = rest() %}<p>{{ more }}</p>"})
    templates.loader = ChoiceLoader([own, templates.loader])
    return frame


def sent(frame: Frame, rest: Callable[[], str]) -> list[str]:
    async def read() -> list[str]:
        answer = frame.page_in_parts(REQUEST, "two.html", above="<A>", rest=rest)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
        return [str(piece) async for piece in answer.body_iterator]

    return asyncio.run(read())


def test_what_stands_above_is_on_its_way_before_the_rest_is_asked_for(frame: Frame) -> None:
    told: list[str] = []

    def rest() -> str:
        told.append("asked")
        return "<B>"

    async def read() -> None:
        answer = frame.page_in_parts(REQUEST, "two.html", above="<A>", rest=rest)
        pieces = aiter(answer.body_iterator)
        assert await anext(pieces) == "<p>&lt;A&gt;</p>"
        assert told == []
        assert await anext(pieces) == "<p>&lt;B&gt;</p>"
        assert told == ["asked"]

    asyncio.run(read())


def test_a_page_whose_rest_cannot_be_asked_for_ends_and_says_so(frame: Frame) -> None:
    def rest() -> str:
        message = "ClickHouse <does> not answer."
        raise WarehouseDown(message)

    above, below = sent(frame, rest)
    assert above == "<p>&lt;A&gt;</p>"
    assert "ClickHouse &lt;does&gt; not answer. Load the page again." in below
    assert below.rstrip().endswith("</html>")


def test_a_fault_of_ours_in_the_rest_is_logged_and_the_page_ends(
    frame: Frame, caplog: pytest.LogCaptureFixture
) -> None:
    def rest() -> str:
        raise LookupError

    above, below = sent(frame, rest)
    assert above == "<p>&lt;A&gt;</p>"
    assert "log (scanledger logs console). Load the page again." in below
    assert "LookupError" in caplog.text


def test_a_fault_above_is_one_of_the_whole_page(frame: Frame) -> None:
    with pytest.raises(UndefinedError):
        frame.page_in_parts(REQUEST, "two.html", rest=str)
