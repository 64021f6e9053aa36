"""What a ledger remembers, in a store on disk and in a dict: the same records, and ranges in the same order."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.ledger.memory import Held, Memory, Overlay
from pipeline.ledger.outputs import RANGE_KEYS
from pipeline.worker.store import Store
from tests.worker.test_store import IDENTITY

Keep = Callable[[Sequence[bytes], Sequence[bytes | None]], None]
EDGES = RANGE_KEYS + b"edge\0sku:A/B/1\0"


@pytest.fixture(params=["store", "dict"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Memory, Keep]]:
    """Returns a memory and what puts records into it."""
    if request.param == "dict":
        held = Held()
        yield held, held.keep
        return
    with Store(tmp_path / "0", IDENTITY) as store:
        yield store, lambda keys, values: store.save(keys, values, 1)


def a_range(count: int, prefix: bytes = EDGES) -> list[bytes]:
    return [prefix + b"sku:A/B/%04d" % n for n in range(count)]


def test_what_was_kept_is_loaded_and_what_was_taken_away_is_not(kept: tuple[Memory, Keep]) -> None:
    memory, keep = kept
    keep([b"a", b"b"], [b"1", b"2"])
    keep([b"a"], [None])
    assert memory.load([b"b", b"a", b"c"]) == [b"2", None, None]


def test_a_range_is_read_in_the_order_of_its_keys_from_where_one_stopped(kept: tuple[Memory, Keep]) -> None:
    memory, keep = kept
    keys = a_range(10)
    keep(keys[::-1], keys[::-1])
    keep([keys[4]], [None])
    left = keys[:4] + keys[5:]
    first = memory.following(EDGES, b"", 6)
    assert first == [(key, key) for key in left[:6]]
    assert memory.following(EDGES, first[-1][0], 6) == [(key, key) for key in left[6:]]
    assert memory.following(EDGES, keys[-1], 6) == []


def test_a_range_holds_nothing_of_its_neighbours(kept: tuple[Memory, Keep]) -> None:
    memory, keep = kept
    neighbours = [RANGE_KEYS + b"edge\0sku:A/B/11\0x", RANGE_KEYS + b"edge\0sku:A/B/0\0x", b"\0position", b"sku:A/B/1"]
    keep(neighbours, neighbours)
    assert memory.following(EDGES, b"", 9) == []
    keep([EDGES + b"x"], [b"1"])
    assert memory.following(EDGES, b"", 9) == [(EDGES + b"x", b"1")]


def test_a_store_does_not_read_ranges_when_it_is_taken_over(tmp_path: Path) -> None:
    with Store(tmp_path / "0", IDENTITY) as store:
        store.save([*a_range(10), b"\0position"], [b"1"] * 11, 1)
        assert store.own_records() == [(b"\0position", b"1")]


CHANGES = st.lists(st.tuples(st.integers(0, 12), st.one_of(st.none(), st.binary(max_size=2))), max_size=30)


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(CHANGES, CHANGES, st.integers(-1, 12), st.integers(1, 14))
def test_a_batch_sees_what_it_has_changed_over_what_was_there(
    before: list[tuple[int, bytes | None]], now: list[tuple[int, bytes | None]], after: int, most: int
) -> None:
    keys = a_range(13)
    memory, whole = Held(), Held()
    for place, value in before:
        memory.keep([keys[place]], [value])
        whole.keep([keys[place]], [value])
    overlay = Overlay(memory)
    for place, value in now:
        overlay.put(keys[place], value)
        whole.keep([keys[place]], [value])
    assert overlay.load(keys) == whole.load(keys)
    start = keys[after] if after >= 0 else b""
    assert overlay.following(EDGES, start, most) == whole.following(EDGES, start, most)
    memory.keep(list(overlay.changed), list(overlay.changed.values()))
    assert memory.records == whole.records
