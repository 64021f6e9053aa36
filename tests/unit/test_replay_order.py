import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.proof.order import Order, Told


def an_order(scans: dict[int, int], internal: dict[int, int], last: int) -> Order:
    """Returns the order of records by offset and ordinal, for each input; what lies between them is a hole."""
    topics = {
        name: Told(np.array(list(told.values()), np.int64), np.array(list(told), np.int64))
        for name, told in (("scans", scans), ("internal", internal))
    }
    return Order(topics, sorted(set(range(1, last + 1)) - set(scans.values()) - set(internal.values())))


def test_a_record_that_no_table_tells_of_takes_the_hole_between_its_neighbours() -> None:
    order = an_order({0: 1, 1: 2, 3: 5}, {0: 3}, 5)
    assert order.take_hole("scans", 2) == 4
    assert order.holes == []


def test_a_record_without_a_hole_between_its_neighbours_has_no_ordinal() -> None:
    order = an_order({0: 1, 2: 2}, {0: 3}, 4)
    assert order.take_hole("scans", 1) is None
    assert order.take_hole("scans", 3) == 4


def test_a_hole_is_given_once() -> None:
    order = an_order({}, {}, 2)
    assert [order.take_hole("internal", 0), order.take_hole("scans", 0), order.take_hole("scans", 1)] == [1, 2, None]


@given(st.lists(st.booleans(), min_size=1, max_size=30), st.data())
def test_one_lost_row_is_always_found_its_own_ordinal(is_scan: list[bool], data: st.DataObject) -> None:
    lost = data.draw(st.integers(1, len(is_scan)))
    offsets, told = {True: 0, False: 0}, {True: dict[int, int](), False: dict[int, int]()}
    missing = ("", 0)
    for ordinal, of_scans in enumerate(is_scan, start=1):
        if ordinal == lost:
            missing = ("scans" if of_scans else "internal", offsets[of_scans])
        else:
            told[of_scans][offsets[of_scans]] = ordinal
        offsets[of_scans] += 1
    assert an_order(told[True], told[False], len(is_scan)).take_hole(*missing) == lost


def test_the_first_record_that_is_still_in_the_log_is_found_by_its_offset() -> None:
    told = Told(np.array([1, 4, 6]), np.array([10, 12, 15]))
    assert [told.first_from(offset) for offset in (0, 12, 13, 15, 16)] == [1, 4, 6, 6, None]
