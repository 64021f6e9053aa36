"""A signal that ends a program finds it in the middle of anything."""

import signal
import threading
from collections.abc import Iterator

import pytest

from jobs.told_to_end import when_told_to_end

PATIENCE_SECONDS = 30


@pytest.fixture(autouse=True)
def former_handlers() -> Iterator[None]:
    """Leaves the handlers as they were."""
    former = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in former.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_in_the_middle_of_a_step_waits_for_no_lock_of_that_step(number: int) -> None:
    lock, stop = threading.Lock(), threading.Event()

    def told() -> None:
        with lock:
            stop.set()

    when_told_to_end(told)
    with lock:
        signal.raise_signal(number)
        assert not stop.is_set()
    assert stop.wait(PATIENCE_SECONDS)


def test_every_signal_is_told_unless_only_the_first_is_wanted() -> None:
    heard = threading.Semaphore(0)
    when_told_to_end(heard.release)
    for _ in range(2):
        signal.raise_signal(signal.SIGTERM)
        assert heard.acquire(timeout=PATIENCE_SECONDS)
    when_told_to_end(heard.release, only_once=True)
    signal.raise_signal(signal.SIGTERM)
    assert heard.acquire(timeout=PATIENCE_SECONDS)
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
