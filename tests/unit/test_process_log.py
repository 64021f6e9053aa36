"""The log of a worker whose Kafka is away stays readable: each message of its libraries once in ten seconds."""

import logging

import pytest

from jobs.process_log import Repeats


class Clock:
    """A time that passes when told to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def repeats(clock: Clock) -> Repeats:
    return Repeats(10.0, clock)


def let_through(repeats: Repeats, name: str, text: str, *args: object) -> str | None:
    """Returns what the log shows of a record, None where it is left out."""
    record = logging.LogRecord(name, logging.ERROR, "", 1, text, args, None)
    return record.getMessage() if repeats.filter(record) else None


def test_a_librarys_message_comes_once_and_then_with_the_number_of_those_left_out(
    repeats: Repeats, clock: Clock
) -> None:
    said = []
    for clock.now in range(25):
        said.append(let_through(repeats, "aiokafka.client", "Unable connect to node with id %s: %s", clock.now, "[1]"))
    assert [(at, text) for at, text in enumerate(said) if text is not None] == [
        (0, "Unable connect to node with id 0: [1]"),
        (10, "Unable connect to node with id 10: [1] (9 more like it left out)"),
        (20, "Unable connect to node with id 20: [1] (9 more like it left out)"),
    ]


def test_messages_that_differ_in_more_than_numbers_are_all_let_through(repeats: Repeats) -> None:
    said = [let_through(repeats, name, text) for name in ("faust.x", "mode") for text in ("lost it", "lost all: 100%")]
    assert said == ["lost it", "lost all: 100%"] * 2


def test_a_message_that_was_left_out_may_hold_a_percent_sign(repeats: Repeats, clock: Clock) -> None:
    for clock.now in (0, 1, 11):
        said = let_through(repeats, "mode", "at %s", "100%s")
    assert said == "at 100%s (1 more like it left out)"


def test_what_we_say_ourselves_is_never_left_out(repeats: Repeats) -> None:
    assert [let_through(repeats, "pipeline.worker", "partition 1: taken over") for _ in range(3)].count(None) == 0


def test_what_is_long_past_is_forgotten(repeats: Repeats, clock: Clock) -> None:
    for letter in ("a", "a", "b"):
        let_through(repeats, "faust", letter)
    clock.now = 2_000.0
    let_through(repeats, "faust", "c")
    assert let_through(repeats, "faust", "a") == "a"


def test_what_librdkafka_remarks_while_kafka_is_away_comes_once_in_a_while(repeats: Repeats) -> None:
    said = [let_through(repeats, "pipeline.broker", "FAIL: connect after %sms failed", n) for n in range(9)]
    assert said == ["FAIL: connect after 0ms failed", *[None] * 8]
