from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.spans import FOREVER, Span, added, covers, without

_TIMES = st.integers(0, 12)
_SPANS = st.lists(st.tuples(_TIMES, st.one_of(_TIMES, st.just(FOREVER))).map(lambda pair: (min(pair), max(pair))))


def _times(spans: list[Span]) -> set[int]:
    return {time for time in (*range(14), FOREVER - 1) if any(begin <= time < end for begin, end in spans)}


def _is_tidy(spans: list[Span]) -> bool:
    apart = all(one[1] < other[0] for one, other in zip(spans, spans[1:], strict=False))
    return apart and all(begin < end for begin, end in spans)


@given(_SPANS, _SPANS)
def test_what_is_added_lies_in_either(spans: list[Span], more: list[Span]) -> None:
    both = added(spans, more)
    assert _times(both) == _times(spans) | _times(more)
    assert _is_tidy(both)


@given(_SPANS, _SPANS)
def test_what_is_left_lies_in_the_first_and_not_in_the_second(spans: list[Span], less: list[Span]) -> None:
    left = without(spans, less)
    assert _times(left) == _times(spans) - _times(less)
    assert _is_tidy(left)


@given(_SPANS, _TIMES)
def test_a_span_has_its_beginning_and_not_its_end(spans: list[Span], time: int) -> None:
    assert covers(spans, time) == (time in _times(spans))
