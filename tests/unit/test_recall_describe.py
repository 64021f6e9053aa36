"""Predicates that describe a recall: they cover what is affected, and the excess stated is what they name besides."""

from datetime import UTC, datetime

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from analytics.recall.describe import MOST_PREDICATES, Cells, describe

Cell = tuple[str, str, str, int, int, int]
cell = st.tuples(
    st.sampled_from(["A", "B", ""]), st.sampled_from(["", "1", "2", "3"]), st.sampled_from(["", "x", "y"]),
    st.sampled_from([-1, 0, 1, 2]), st.integers(0, 5), st.integers(0, 5),
).map(lambda one: (*one[:4], one[4] + one[5], one[5]))  # fmt: skip


def cells(rows: list[Cell]) -> Cells:
    columns = list(zip(*rows, strict=True)) if rows else [()] * 6
    texts = [np.array(column, object) for column in columns[:3]]
    return Cells(*texts, *(np.array(column, np.int64) for column in columns[3:]))


def fits(predicate: object, row: Cell) -> bool:
    fields = predicate.model_dump()  # type: ignore[attr-defined]
    day = datetime.fromtimestamp(row[3] * 86_400, UTC)
    return (
        (not fields["items"] or row[0] in fields["items"])
        and (not fields["lots"] or row[1] in fields["lots"])
        and (not fields["sites"] or row[2] in fields["sites"])
        and (fields["made_from"] is None or (row[3] >= 0 and fields["made_from"] <= day < fields["made_to"]))
    )


@given(st.lists(cell, max_size=8, unique_by=lambda one: one[:4]))
def test_predicates_cover_what_is_affected_and_say_how_much_they_name_besides(rows: list[Cell]) -> None:
    said = describe(cells(rows), not_known=2)
    covered = [row for row in rows if any(fits(one.predicate, row) for one in said.predicates)]
    affected = sum(row[5] for row in covered)
    assert affected == sum(one.units for one in said.predicates)
    assert said.excess == sum(row[4] - row[5] for row in covered)
    assert said.not_described == 2 + sum(row[5] for row in rows) - affected
    nameless = sum(row[5] for row in rows if not any(row[:3]))
    assert len(said.predicates) == MOST_PREDICATES or said.not_described == 2 + nameless


def test_a_whole_lot_is_one_predicate_and_half_a_lot_is_named_by_the_days_it_was_made() -> None:
    whole = describe(cells([("A", "1", "", 0, 5, 5), ("A", "2", "", 0, 9, 0)]))
    assert [(one.text, one.units, one.excess) for one in whole.predicates] == [("item A, lot 1", 5, 0)]
    half = describe(cells([("A", "1", "", 0, 5, 5), ("A", "1", "", 1, 9, 0)]))
    assert [one.text for one in half.predicates] == ["item A, made from 1970-01-01 to before 1970-01-02"]


def test_where_it_was_made_tells_units_apart_that_nothing_else_does() -> None:
    said = describe(cells([("A", "1", "x", 0, 5, 5), ("A", "1", "y", 0, 9, 0)]))
    assert [(one.text, one.excess) for one in said.predicates] == [("item A, made at x", 0)]


def test_units_without_an_item_are_described_by_lot_and_by_where_they_were_made() -> None:
    rows = [("", "L7", "", 5, 100, 100), ("A", "L7", "", 5, 3, 0), ("", "L8", "", 5, 50, 0)]
    said = describe(cells(rows))
    assert [(one.text, one.units, one.excess) for one in said.predicates] == [("lot L7", 100, 3)]
    assert said.not_described == 0
