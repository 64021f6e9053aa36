"""Sending keeps its pace, its order within a partition, and stops between two pieces."""

from typing import cast

from pipeline.broker.send import Sender
from pipeline.simulate.plan import Plan
from pipeline.simulate.sending import Pace, send_batches
from pipeline.simulate.simulation import Batch, simulate


class SenderInMemory:
    """Keeps what it is given: partition, key and value, None for where the key belongs."""

    def __init__(self) -> None:
        self.sent: list[tuple[int | None, bytes, bytes]] = []

    def send(self, keys: list[bytes], values: list[bytes], partition: int | None = None) -> None:
        """Takes records."""
        self.sent += [(partition, key, value) for key, value in zip(keys, values, strict=True)]


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.now = 100.0
        self.pauses: list[float] = []

    def sleep(self, seconds: float) -> None:
        """Lets time pass."""
        self.pauses.append(seconds)
        self.now += seconds


def _batches(rows: int = 500) -> list[Batch]:
    return list(simulate(Plan.of_scans(1_500)).batches(rows))


def test_every_scan_is_sent_once_and_only_the_misrouted_go_astray() -> None:
    batches, sender = _batches(), SenderInMemory()
    told = list(send_batches(cast("Sender", sender), batches, 4, pace=Pace(0), stopped=lambda: False))
    assert told == batches
    assert sorted(value for _, _, value in sender.sent) == sorted(value for batch in batches for value in batch.values)
    astray = {key: partition for partition, key, _ in sender.sent if partition is not None}
    assert astray == {batch.keys[place]: to for batch in batches for place, to in batch.strays(4).items()}


def test_a_rate_is_kept_from_the_first_scan_on_and_time_lost_is_made_good() -> None:
    clock = Clock()
    pace = Pace(100, clock=lambda: clock.now, sleep=clock.sleep)
    for _ in range(4):
        pace.wait(pace.piece)
    clock.now += 0.12  # something else took that long
    for _ in range(4):
        pace.wait(pace.piece)
    assert pace.piece == 5
    assert [round(pause, 3) for pause in clock.pauses] == [0.05, 0.05, 0.05, 0.03, 0.05]
    assert round(clock.now - 100, 3) == 0.35


def test_when_stopped_the_piece_under_way_is_the_last_and_its_batch_is_told() -> None:
    batches, sender, clock = _batches(), SenderInMemory(), Clock()
    pace = Pace(1_000, clock=lambda: clock.now, sleep=clock.sleep)
    told = list(send_batches(cast("Sender", sender), batches, 4, pace=pace, stopped=lambda: len(sender.sent) >= 600))
    assert (len(told), len(sender.sent)) == (2, 600)
