"""Batches in turns: in order, scans between the parts of a batch that tells a lot, nothing lost without a word."""

import asyncio
from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.ledger.batch import Batch
from pipeline.worker.turns import Delivery, Interrupted, Turns


class Taken:
    """An ownership that takes at most so many records of `internal` at once, and notes which."""

    def __init__(self, most: int) -> None:
        self.turns, self.offsets, self._most = Turns(), {True: list[int](), False: list[int]()}, most
        self.taken: list[tuple[int, int]] = []
        """How many records of `internal` and of scans went into one transaction, and the next."""
        self._ends = {True: 0, False: 0}

    def deliver(self, delivery: Delivery) -> None:
        """Queue a batch."""
        self.turns.arrive(delivery)

    def fetched(self, count: int, *, is_internal: bool) -> Delivery:
        """Returns the next batch of an input."""
        first = self._ends[is_internal]
        self._ends[is_internal] += count
        offsets = np.arange(first, first + count)
        return Delivery(
            self,
            self.turns.number(is_internal=is_internal),
            is_internal,
            Batch([None] * count, [b""] * count, offsets, offsets),
        )

    async def take(self) -> None:
        """Takes what is next, of `internal` perhaps a part."""
        turn = await self.turns.next()
        assert turn is not None
        internal = [] if turn.internal is None else turn.internal.batch.offsets[: self._most].tolist()
        scans = [offset for delivery in turn.scans for offset in delivery.batch.offsets.tolist()]
        self.offsets[True] += internal
        self.offsets[False] += scans
        self.taken.append((len(internal), len(scans)))
        self.turns.took(turn, internal[-1] + 1 if internal else 0)

    async def take_all(self) -> None:
        """Takes until nothing waits."""
        while self.turns.waiting:
            await self.take()


def run(fetched: Iterable[tuple[int, bool]], most: int) -> Taken:
    taken = Taken(most)
    for count, is_internal in fetched:
        taken.deliver(taken.fetched(count, is_internal=is_internal))
    asyncio.run(taken.take_all())
    return taken


def test_what_waits_of_both_inputs_goes_together_and_scans_wait_for_no_second_part() -> None:
    assert run([(5, True), (1, False), (1, True), (1, False)], 2).taken == [(2, 2), (2, 0), (1, 0), (1, 0)]


def test_large_batches_of_scans_are_not_put_together() -> None:
    assert run([(15_000, False), (5_000, False), (1, False)], 9).taken == [(0, 20_000), (0, 1)]


@given(st.lists(st.tuples(st.integers(1, 9), st.booleans()), max_size=12), st.integers(1, 5))
def test_every_record_is_taken_once_and_in_order(fetched: list[tuple[int, bool]], most: int) -> None:
    taken = run(fetched, most)
    for is_internal in (True, False):
        assert taken.offsets[is_internal] == list(range(sum(n for n, internal in fetched if internal == is_internal)))


def test_a_batch_that_never_arrived_interrupts() -> None:
    taken = Taken(9)
    taken.fetched(1, is_internal=False)
    taken.deliver(taken.fetched(1, is_internal=False))
    with pytest.raises(Interrupted, match="batch 0 was fetched and never arrived"):
        asyncio.run(taken.take())


def test_what_a_former_holding_fetched_is_left_out() -> None:
    taken = Taken(1)
    begun, late = taken.fetched(3, is_internal=True), taken.fetched(1, is_internal=False)
    taken.deliver(begun)
    asyncio.run(taken.take())
    taken.turns.forget()
    assert taken.turns.waiting == 0
    taken.deliver(late)
    taken.deliver(taken.fetched(2, is_internal=False))
    asyncio.run(taken.take_all())
    assert taken.offsets == {True: [0], False: [1, 2]}


def test_none_ends_it_behind_what_came_before() -> None:
    taken = Taken(9)
    taken.deliver(taken.fetched(1, is_internal=False))
    taken.turns.arrive(None)
    asyncio.run(taken.take())
    assert asyncio.run(taken.turns.next()) is None


def test_each_input_has_room_of_its_own() -> None:
    taken = Taken(1)
    for is_internal in (True, False):
        for _ in range(2):
            assert taken.turns.has_room(is_internal=is_internal)
            taken.deliver(taken.fetched(2, is_internal=is_internal))
    assert (taken.turns.has_room(is_internal=True), taken.turns.has_room(is_internal=False)) == (False, False)
    asyncio.run(taken.take())
    assert (taken.turns.has_room(is_internal=True), taken.turns.has_room(is_internal=False)) == (False, True)


def test_who_waits_for_so_long_at_most_is_told_when_nothing_came_and_never_instead_of_what_did() -> None:
    taken = Taken(9)
    with pytest.raises(TimeoutError):
        asyncio.run(taken.turns.next(0.01))
    taken.deliver(taken.fetched(1, is_internal=False))
    turn = asyncio.run(taken.turns.next(0.0))
    assert turn is not None
    assert turn.scans[0].batch.offsets.tolist() == [0]
