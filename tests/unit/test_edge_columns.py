"""Edges settled in columns against the same edges settled one by one, byte for byte."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.edge import EDGE_KINDS, SLACK, Edge, Move
from pipeline.domain.spans import FOREVER, Span, added
from pipeline.wire.edge import encode_edge
from pipeline.wire.edge_columns import Column, read_edges

_FACTS = st.integers(-(1 << 63), (1 << 63) - 1)
_CONTAINER = "sku:ACME/BOX/1"
_NOW = 1_764_000_000_000


@st.composite
def _spans(draw: st.DrawFn) -> list[Span]:
    times = st.integers(0, 20)
    pairs = draw(st.lists(st.tuples(times, times | st.just(FOREVER)), max_size=4))
    return added([], [(begin, end) for begin, end in pairs if begin < end])


@st.composite
def _chains(draw: st.DrawFn, facts: list[int]) -> dict[int, int]:
    """Some of the facts, or all, from any one on."""
    begin, fewest = draw(st.integers(0, len(facts) - 1)), draw(st.sampled_from((0, len(facts))))
    turns = draw(st.lists(st.integers(1, 70), min_size=fewest, max_size=len(facts)))
    return dict(zip((facts + facts)[begin : begin + len(turns)], turns, strict=True))


@st.composite
def _edges(draw: st.DrawFn, facts: list[int]) -> list[Edge]:
    kinds, members = st.sampled_from(EDGE_KINDS), st.text(min_size=1, max_size=70)
    return [
        Edge(_CONTAINER, f"sku:ACME/Ü/{name}", draw(kinds), 1 << at, draw(_spans()), draw(_chains(facts)), _NOW - at)
        for at, name in enumerate(draw(st.lists(members, max_size=6)))
    ]


@given(st.data())
def test_a_move_makes_of_many_edges_what_it_makes_of_each(data: st.DataObject) -> None:
    most = data.draw(st.sampled_from((3, SLACK + 20)))
    facts = data.draw(st.lists(_FACTS, min_size=most, max_size=most, unique=True))
    edges = data.draw(_edges(facts))
    remembered = set(data.draw(st.lists(st.sampled_from(facts))))
    step, empties = data.draw(st.sampled_from((("SHIP", False), ("UNPACK", True), ("REMOVE", True))))
    move = Move(facts[0], facts[-1], 1, step, data.draw(st.integers(0, 21)), _NOW, "dock", empties=empties)
    holds = data.draw(st.booleans())

    columns = read_edges([encode_edge(edge) for edge in edges], move)
    turns = columns.settle(holds=holds)
    which = np.flatnonzero(turns)
    written = columns.with_turns(which, turns[which], np.sort(np.array([*remembered], np.int64)), _NOW)

    assert columns.members() == [edge.member.encode() for edge in edges]
    assert columns[Column.ENDED_AT].tolist() == [edge.spans[-1][1] if edge.spans else 0 for edge in edges]
    assert columns[Column.CHANGED_AT].tolist() == [edge.changed_at for edge in edges]
    assert turns.tolist() == [edge.settle(move, holds=holds) for edge in edges]
    for i, value in zip(which.tolist(), written, strict=True):
        edges[i].changed_at = _NOW
        edges[i].forget(remembered)
        assert value == encode_edge(edges[i])
