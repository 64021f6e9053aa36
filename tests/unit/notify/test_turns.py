"""Turns of the loop: what a record meets that comes while something is being sent."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from pipeline.broker.group import Place, Run
from pipeline.notify import notify
from pipeline.notify.deliveries import Delivery
from pipeline.notify.desk import Attempt, Desk
from pipeline.notify.notify import TOPIC, Notify
from pipeline.notify.trying import Answer, judge
from pipeline.settings import Settings
from tests.unit.notify.telling import NOON, Told, a_record, some_routes
from tests.unit.notify.test_book import MORNING, NIGHT

AT = Place(TOPIC, 0)


class FakeDesk:
    """Has everything under way until there is an answer."""

    def __init__(self) -> None:
        self.answer: Answer | None = None
        self.under_way: list[Delivery] = []
        self.begun: list[str] = []
        self.free = {"duty": 4}

    def is_under_way(self, delivery: Delivery) -> bool:
        return delivery.id in {one.id for one in self.under_way}

    def begin(self, delivery: Delivery) -> None:
        self.under_way.append(delivery)
        self.begun.append(delivery.event)

    def answers(self) -> list[Attempt]:
        if self.answer is None:
            return []
        done, self.under_way = self.under_way, []
        return [Attempt(one, self.answer, 0.0) for one in done]


class FakeMember:
    """Gives what was put in, once."""

    def __init__(self, *_: object) -> None:
        self.values: list[bytes] = []
        self.given = 0

    def take(self, _records: int, _seconds: float) -> list[Run]:
        fresh, first, self.given = self.values[self.given :], self.given, len(self.values)
        messages = [SimpleNamespace(offset=lambda n=n: n) for n in range(first, self.given)]
        return [Run(AT, cast("Any", messages), fresh)] if fresh else []

    def commit(self, _nexts: dict[Place, int]) -> None:
        """Nobody asks."""


class Turning:
    """A loop without Kafka and without receivers."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(notify, "Member", FakeMember)
        monkeypatch.setattr(notify, "decode", lambda value: ("alert", json.loads(value)))
        self.here, self.desk, self.now = Told(folder, some_routes(NIGHT)), FakeDesk(), NOON
        desk = cast("Desk", self.desk)
        self.loop = Notify(Settings(), self.here.book, self.here.outbox, desk, clock=lambda: self.now)
        self.loop.gained({AT: 0})

    def turn(self, *events: str) -> list[tuple[str, str]]:
        """Turns once, with these changes of an alert read; returns the states of all deliveries."""
        member = cast("FakeMember", self.loop._member)
        member.values += [json.dumps(a_record(event, received_at=self.now)).encode() for event in events]
        self.loop.turn(0)
        return self.here.states()


def test_an_alert_closed_while_what_was_put_off_is_being_sent_is_told_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    turning = Turning(tmp_path, monkeypatch)
    assert turning.turn("OPENED") == [("opened", "DEFERRED")]
    turning.now = MORNING
    assert turning.turn() == [("opened", "PENDING")]
    assert turning.turn("CLOSED") == [("opened", "PENDING"), ("closed", "WAITING")]
    turning.desk.answer = judge(204)
    turning.turn()
    assert turning.turn() == [("opened", "DELIVERED"), ("closed", "DELIVERED")]
    assert turning.desk.begun == ["opened", "closed"]


def test_a_record_meets_what_has_arrived_before_it_was_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    turning = Turning(tmp_path, monkeypatch)
    turning.turn("OPENED")
    turning.now = MORNING
    turning.turn()
    turning.desk.answer = judge(204)
    assert turning.turn("CLOSED") == [("opened", "DELIVERED"), ("closed", "PENDING")]
    outcomes = [json.loads(row)["outcome"] for _, row in turning.here.outbox.changes(10)]
    assert outcomes == ["DEFERRED", "QUEUED", "DELIVERED", "QUEUED"]
