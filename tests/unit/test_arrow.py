"""Columns of numbers out of Arrow streams: many batches, all kinds of numbers, and what is none."""

import io

import numpy as np
import polars as pl
import pytest

from pipeline.errors import WarehouseDown
from pipeline.warehouse.arrow import columns_of


def stream(*frames: pl.DataFrame) -> bytes:
    body = io.BytesIO()
    pl.concat(frames, rechunk=False).write_ipc_stream(body, compat_level=pl.CompatLevel.oldest())
    return body.getvalue()


def test_batches_become_one_column_of_the_kind_that_came() -> None:
    chance = np.random.default_rng(3)
    ids, flags = chance.integers(0, 1 << 63, 1_300_000, np.uint64), chance.random(1_300_000) < 0.5
    told = {"id": ids, "flag": flags, "part": ids.astype(np.float32), "day": ids.astype(np.int32)}
    whole = pl.DataFrame(told)
    body = stream(*(whole[at : at + 65_409] for at in range(0, len(whole), 65_409)))
    found = columns_of(body)
    assert list(found) == list(told)
    assert all(np.array_equal(found[name], told[name]) and found[name].dtype == told[name].dtype for name in told)


def test_no_rows_are_empty_columns_of_their_kinds() -> None:
    found = columns_of(stream(pl.DataFrame(schema={"id": pl.UInt64, "at": pl.Int64})))
    assert {name: (len(column), str(column.dtype)) for name, column in found.items()} == {
        "id": (0, "uint64"),
        "at": (0, "int64"),
    }


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (pl.DataFrame({"a": [1, 2], "site": ["x", "y"]}), "column site is"),
        (pl.DataFrame({"a": [1, 2], "lot": [1, None]}), "column lot has nulls"),
    ],
)
def test_what_is_no_number_is_refused_by_name(frame: pl.DataFrame, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        columns_of(stream(frame))


def test_a_stream_that_was_cut_off_is_no_smaller_answer() -> None:
    whole = pl.DataFrame({"id": np.arange(3_000)})
    body = stream(whole[:1_000], whole[1_000:2_000], whole[2_000:])
    assert len(columns_of(body)["id"]) == 3_000
    for cut in range(1, len(body), 8):
        with pytest.raises(WarehouseDown, match="cut off"):
            columns_of(body[:-cut])
    with pytest.raises(WarehouseDown, match="cut off"):
        columns_of(body[:-8] + b"Code: 241. DB::Exception: memory limit exceeded")
