"""Values in one buffer: cut, and laid end to end."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.ledger.batch import Batch
from pipeline.wire.values import Values

_PARTS = st.lists(st.lists(st.none() | st.binary(max_size=5), max_size=4), min_size=1, max_size=4)


@given(_PARTS)
def test_joined_values_are_the_values_of_all_parts_in_order(parts: list[list[bytes | None]]) -> None:
    joined = Values.joined([Values.of(part) for part in parts])
    assert list(joined) == [value for part in parts for value in part]


@given(_PARTS, st.booleans())
def test_joined_batches_are_one_batch(parts: list[list[bytes | None]], are_laid: bool) -> None:
    offsets = np.cumsum([0, *map(len, parts)])
    batches = [
        Batch([b"k"] * len(part), Values.of(part) if are_laid else part, *[np.arange(first, first + len(part))] * 2)
        for part, first in zip(parts, offsets.tolist(), strict=False)
    ]
    joined = Batch.joined(batches)
    assert list(joined.values) == [value for part in parts for value in part]
    assert joined.offsets.tolist() == joined.received_at.tolist() == list(range(len(joined)))
    assert len(joined.keys) == len(joined)


def test_no_buffer_can_be_written() -> None:
    """Compiled code is of one type then: another would be compiled anew in the middle of a run."""
    ours = np.zeros(4, np.uint8)
    one = Values(ours, np.array([0, 2]), np.array([2, 4]))
    assert not any(values.buffer.flags.writeable for values in (one, Values.joined([one, one]), one.between(0, 1)))
    assert ours.flags.writeable
