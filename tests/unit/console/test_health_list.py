"""The list of dead letters over told rows: page by page, each with what came of what was sent instead."""

import asyncio
import re
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from analytics.console import written
from analytics.console.access import COOKIE
from analytics.console.app import build_app
from analytics.console.pages import health
from analytics.console.pages.health import PAGE_ROWS
from tests.unit.console.desks import URL, Office, form

T0 = datetime(2026, 11, 2, 9, tzinfo=UTC)


def a_row(ordinal: int, partition: int = 1) -> dict[str, Any]:
    return {
        "partition": partition, "ordinal": ordinal, "n": 0, "received_at": T0, "error": "TRUNCATED", "detail": "",
        "topic": "scans", "offset": ordinal, "size": 3,
    }  # fmt: skip


def an_act(ordinal: int, **other: Any) -> dict[str, Any]:  # noqa: ANN401
    act = {"of_partition": 1, "of_ordinal": ordinal, "scan_id": "s0", "author": "Ada", "unit_key": "sku:A/B/1"}
    return act | {"outcome": "ACCEPTED", "reason": "NONE", "stands": "ACCEPTED", "stands_why": "NONE"} | other


@pytest.fixture
def many(opened: Office) -> Office:
    """250 dead letters that could not be read and 20 gaps."""
    opened.told.rows["dead_letter_errors"] = [
        {"error": "TRUNCATED", "letters": 250, "newest": T0}, {"error": "GAP", "letters": 20, "newest": T0},
    ]  # fmt: skip
    opened.told.rows["dead_letters"] = [a_row(k) for k in range(1, PAGE_ROWS + 1)]
    return opened


def test_what_was_put_off_is_told_beside_the_time_of_what_was_not(opened: Office) -> None:
    row = {"route": "shops", "state": "DELIVERED", "deliveries": 7, "put_off": 3, "newest": T0, "detail": "HTTP 204"}
    opened.told.rows["deliveries"] = [row | {"p99_latency_ms": 41.0}]
    text = opened.client("analyst").get("/health/ledger").text
    assert re.search(r'Put off.*<td class="num">7</td><td class="num">3</td>.*<td class="num">41</td>', text, re.DOTALL)


def asked(office: Office, name: str) -> dict[str, Any]:
    (parameters,) = [told for question, told in office.told.asked if question == name]
    return parameters


def test_every_dead_letter_is_reached_page_by_page(many: Office) -> None:
    text = many.client("analyst").get("/health/ledger?page=2").text
    assert asked(many, "dead_letters") == {"error": "", "most": PAGE_ROWS, "skip": PAGE_ROWS}
    assert "270, the newest first; 101 to 200 are shown" in text
    assert 'href="/health/ledger?page=1#letters-title">Newer' in text
    assert 'href="/health/ledger?page=3#letters-title">Older' in text


def test_the_last_page_of_one_kind_has_nothing_older(many: Office) -> None:
    text = many.client("analyst").get("/health/ledger?error=truncated&page=3").text
    assert asked(many, "dead_letters") == {"error": "TRUNCATED", "most": PAGE_ROWS, "skip": 2 * PAGE_ROWS}
    assert 'href="/health/ledger?error=TRUNCATED&amp;page=2#letters-title">Newer' in text
    assert ">Older</a>" not in text


def test_what_was_sent_is_asked_of_the_letters_that_are_listed(many: Office) -> None:
    many.client("analyst").get("/health/ledger")
    assert set(asked(many, "redrives")["subjects"]) == {f"dead-letter:1/{k}" for k in range(1, PAGE_ROWS + 1)}


@pytest.mark.parametrize(
    ("acts", "shown"),
    [
        ([an_act(7)], "tag-accepted"),
        ([an_act(7, outcome="ACCEPTED", stands="REJECTED", stands_why="RETRACTED")], "tag-rejected"),
        ([an_act(7, outcome="REPEATED", reason="REDELIVERED"), an_act(7)], "tag-accepted"),
        ([an_act(7, scan_id="s1"), an_act(7, stands="REJECTED")], "tag-accepted"),
        ([an_act(7, scan_id="s1", outcome="REJECTED", stands=""), an_act(7, stands="REJECTED")], "tag-rejected"),
        ([an_act(7, outcome="", stands="")], "Not known yet"),
        ([an_act(7, outcome="", stands="FLAGGED")], "tag-flagged"),
    ],
)
def test_the_list_shows_what_the_last_scan_sent_instead_came_to(
    many: Office, acts: list[dict[str, Any]], shown: str
) -> None:
    many.told.rows["redrives"] = acts
    rows = many.client("analyst").get("/health/ledger").text.split("<tr>")
    (row,) = [row for row in rows if 'href="/health/dead-letters/1/7"' in row]
    assert shown in row
    assert "by Ada" in row
    (other,) = [row for row in rows if 'href="/health/dead-letters/1/8"' in row]
    assert "tag-" not in other


class SlowRedrives:
    """Sends nothing, slowly; keeps how many were at it at once, by dead letter and altogether."""

    def __init__(self) -> None:
        self.at_it, self.most, self.most_of_one = list[int](), 0, 0

    def original(self, letter: dict[str, Any], fields: dict[str, Any], author: str) -> dict[str, Any]:
        raise AssertionError(letter, fields, author)

    def corrected(self, letter: dict[str, Any], form: Mapping[str, str], author: str) -> dict[str, Any]:
        self.at_it.append(letter["ordinal"])
        self.most = max(self.most, len(set(self.at_it)))
        self.most_of_one = max(self.most_of_one, self.at_it.count(letter["ordinal"]))
        deadline = time.monotonic() + (5 if form["step"] == "MEET" else 0.2)
        while self.most < 2 and time.monotonic() < deadline:
            time.sleep(0.005)
        self.at_it.remove(letter["ordinal"])
        return {"author": author}


async def sent_at_once(office: Office, redrives: SlowRedrives, step: str, ordinals: tuple[int, ...]) -> set[int]:
    """Sends a form instead of each of these dead letters, all at once."""
    told = form(office, office.client("admin"), step=step)
    app = build_app(replace(office.desk, redrives=redrives))
    headers, cookies = {"Origin": URL}, {COOKIE: office.session("admin")}
    visitor = office.users.visitor(cookies[COOKIE])
    assert visitor is not None
    told["csrf"] = visitor.csrf
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url=URL, headers=headers, cookies=cookies
    ) as client:
        answers = await asyncio.gather(*(client.post(f"/health/dead-letters/1/{k}", data=told) for k in ordinals))
    return {answer.status_code for answer in answers}


@pytest.mark.parametrize(("step", "ordinals", "most"), [("WAIT", (7, 7, 7), 1), ("MEET", (7, 8), 2)])
def test_one_at_a_time_is_sent_instead_of_a_dead_letter(
    opened: Office, monkeypatch: pytest.MonkeyPatch, step: str, ordinals: tuple[int, ...], most: int
) -> None:
    monkeypatch.setattr(written, "LOOKS", 0)

    async def letters(_: object, partition: int, ordinal: int) -> list[dict[str, Any]]:
        return [a_row(ordinal, partition) | {"value_hex": "", "key_hex": None}]

    monkeypatch.setattr(health, "_letters", letters)
    redrives = SlowRedrives()
    assert asyncio.run(sent_at_once(opened, redrives, step, ordinals)) == {303}
    assert (redrives.most_of_one, redrives.most) == (1, most)
