"""A stack is ready when its workers have taken every partition over, in trouble or not."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from pipeline.local.checks import Check
from pipeline.local.taken import Taken
from pipeline.metrics import Progress, serve


@pytest.fixture
def workers() -> Iterator[tuple[dict[str, Progress], dict[str, Check]]]:
    """Returns two workers that answer, and how to ask them."""
    with ExitStack() as closing:
        progress = {name: Progress(30.0) for name in ("worker-1", "worker-2")}
        checks = {}
        for name, of in progress.items():
            server = serve(0, of.health)
            closing.callback(server.close)
            checks[name] = Check("http", server.port)
        yield progress, checks


def test_workers_lag_until_every_partition_is_in_the_hands_of_one(
    workers: tuple[dict[str, Progress], dict[str, Check]],
) -> None:
    progress, checks = workers
    taken = Taken(checks, lambda: 3)
    progress["worker-1"].moved("compiled code")
    assert taken.lagging() == ["worker-1", "worker-2"]
    progress["worker-1"].moved("partition 0")
    progress["worker-1"].moved("partition 1")
    progress["worker-2"].moved("partition 1")
    assert taken.lagging() == ["worker-1", "worker-2"]
    progress["worker-2"].moved("partition 2")
    assert taken.lagging() == []


def test_a_partition_in_trouble_does_not_keep_the_stack_from_coming_up(
    workers: tuple[dict[str, Progress], dict[str, Check]],
) -> None:
    progress, checks = workers
    progress["worker-2"].trouble("partition 0", "input was lost")
    assert Taken(checks, lambda: 1).lagging() == []


def test_workers_that_do_not_answer_lag() -> None:
    assert Taken({"worker-1": Check("http", 1)}, lambda: 1).lagging() == ["worker-1"]
