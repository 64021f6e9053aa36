import io

import fastavro
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.wire.rows import read_rows

SCHEMA = {
    "type": "record",
    "name": "Row",
    "fields": [
        {"name": "key", "type": "string"},
        *({"name": f"n{at}", "type": "long"} for at in range(5)),
        {"name": "body", "type": {"type": "fixed", "name": "body", "size": 40}},
    ],
}
FRAME = b"\0frme"
LONG = st.integers(-(2**63), 2**63 - 1)
Row = tuple[str, list[int], bytes]


def a_file(rows: list[Row], sync_interval: int = 1) -> bytes:
    file = io.BytesIO()
    told = [{"key": key, **{f"n{at}": n for at, n in enumerate(numbers)}, "body": body} for key, numbers, body in rows]
    fastavro.writer(file, SCHEMA, told, sync_interval=sync_interval)
    return file.getvalue()


@given(
    st.lists(
        st.tuples(st.text(max_size=80), st.lists(LONG, min_size=5, max_size=5), st.binary(min_size=40, max_size=40)),
        max_size=20,
    )
)
def test_rows_are_read_as_they_were_written_each_body_with_its_frame(rows: list[Row]) -> None:
    found = read_rows(a_file(rows), 5, FRAME)
    assert found.keys() == [key.encode() for key, _, _ in rows]
    assert found.numbers.T.tolist() == [numbers for _, numbers, _ in rows]
    assert list(found.bodies()) == [FRAME + body for _, _, body in rows]


def test_rows_are_taken_in_any_order_and_cut_out() -> None:
    rows = read_rows(a_file([(str(at), [at] * 5, bytes([at]) * 40) for at in range(5)]), 5, FRAME)
    turned = rows.take(np.array([4, 0, 2])).between(1, 3)
    assert turned.keys() == [b"0", b"2"]
    assert turned.numbers[0].tolist() == [0, 2]
    assert list(turned.bodies()) == [FRAME + b"\0" * 40, FRAME + b"\2" * 40]


def test_nothing_at_all_has_no_rows() -> None:
    assert (len(read_rows(b"", 5, FRAME)), len(read_rows(a_file([]), 5, FRAME))) == (0, 0)


def test_a_block_of_several_rows_is_refused() -> None:
    rows = a_file([("a", [1] * 5, b"a" * 40)] * 2, sync_interval=1_000_000)
    with pytest.raises(AssertionError, match="more than one row"):
        read_rows(rows, 5, FRAME)
