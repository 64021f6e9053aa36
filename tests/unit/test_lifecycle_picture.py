import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from analytics.diagram.layout import SIDES, Layout, Side, lay_out
from analytics.diagram.order import in_order_of_life
from analytics.diagram.svg import to_svg
from analytics.diagram.terminal import to_text
from jobs.lifecycle import app
from pipeline.domain.lifecycle import NO_STATE, Lifecycle
from pipeline.domain.scan import STEPS
from pipeline.ledger.built_in import built_in_lifecycles

RETAIL, ASSET = built_in_lifecycles()[:2]
SVG: Final = "{http://www.w3.org/2000/svg}"
_STEPS: Final = [step for step in STEPS if step != "VOID"]
Transitions = set[tuple[str, str, str]]


@st.composite
def lifecycles(draw: st.DrawFn) -> Lifecycle:
    states = tuple(f"STATE_{n}" for n in range(draw(st.integers(1, 9))))
    terminal = tuple(state for state in states[1:] if draw(st.booleans()))
    rows = {NO_STATE: {"COMMISSION": states[0]}}
    for state in set(states) - set(terminal):
        rows[state] = draw(st.dictionaries(st.sampled_from(_STEPS), st.sampled_from(states), max_size=8))
    return replace(RETAIL, states=states, terminal=terminal, transitions=rows)


class Reader:
    """Follows the lines of a picture in characters with a finger; knows of the layout only where the boxes are."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._lines = to_text(layout).splitlines()
        self._box = {side: self._lines[0].index("╭" if side == "left" else "╮") for side in SIDES}

    def transitions(self) -> Transitions:
        found: Transitions = set()
        for box in self._layout.boxes:
            for side, row in box.leaves.items():
                for step, to in self._ways_out(side, row + 1):
                    found.add((box.state, step, to))
        return found | self._noted()

    def _at(self, x: int, y: int) -> str:
        line = self._lines[y]
        return line[x] if 0 <= x < len(line) else " "

    def _ways_out(self, side: Side, y: int) -> list[tuple[str, str]]:
        away = 1 if side == "right" else -1
        x, found = self._box[side] + away, list[tuple[str, str]]()
        while (character := self._at(x, y)) != " ":
            if character in "●╭╮╰╯":
                found += self._arrival(side, x, y)
            if character in "╭╮╰╯":
                break
            x += away
        return found

    def _arrival(self, side: Side, x: int, y: int) -> list[tuple[str, str]]:
        along, bend = (1, "╯") if side == "right" else (-1, "╭")
        y += along
        while self._at(x, y) != bend:
            assert self._at(x, y) in "│┼●", (x, y, self._at(x, y))
            y += along
        between = (
            self._lines[y][self._box["right"] + 1 : x] if side == "right" else self._lines[y][x + 1 : self._box["left"]]
        )
        assert between[0 if side == "right" else -1] in "◀▶"
        label = between.strip("◀▶─┼ ")
        return [(step, self._state_at(y)) for step in label.split(", ")]

    def _state_at(self, y: int) -> str:
        return next(box.state for box in self._layout.boxes if box.row < y <= box.row + box.rows)

    def _noted(self) -> Transitions:
        found: Transitions = set()
        living = [box.state for box in self._layout.boxes if box.number and not box.is_terminal]
        for box in self._layout.boxes:
            rows = self._lines[box.row + 1 : box.row + 1 + box.rows]
            inside = [row[self._box["left"] + 1 : self._box["right"]].strip() for row in rows]
            text = " ".join(filter(None, inside)).removeprefix(box.state)
            for steps in re.findall(r"↻ ([A-Z_, ]+\b)", text):
                found |= {(box.state, step, box.state) for step in steps.split(", ")}
            for steps in re.findall(r"([A-Z_, ]+\b) from every living state", text):
                found |= {(state, step, box.state) for step in steps.strip().split(", ") for state in living}
        return found


def read(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314  our own


def transitions_of(lifecycle: Lifecycle) -> Transitions:
    return {(state, step, to) for state, row in lifecycle.transitions.items() for step, to in row.items()}


@pytest.mark.parametrize("lifecycle", built_in_lifecycles(), ids=lambda lifecycle: lifecycle.name)
def test_whoever_follows_the_lines_finds_every_transition_and_no_other(lifecycle: Lifecycle) -> None:
    assert Reader(lay_out(lifecycle)).transitions() == transitions_of(lifecycle)


@given(lifecycles())
def test_whoever_follows_the_lines_of_any_lifecycle_finds_every_transition_and_no_other(lifecycle: Lifecycle) -> None:
    assert Reader(lay_out(lifecycle)).transitions() == transitions_of(lifecycle)


@given(lifecycles())
def test_no_two_lines_lie_on_each_other(lifecycle: Lifecycle) -> None:
    layout = lay_out(lifecycle)
    place = {box.state: at for at, box in enumerate(layout.boxes)}
    for side in SIDES:
        ways = [
            (lane.column, *sorted((place[lane.sources[0]], place[lane.to])))
            for lane in layout.lanes
            if lane.side == side
        ]
        for at, (column, begin, end) in enumerate(ways):
            assert all(other[0] != column or other[2] < begin or other[1] > end for other in ways[at + 1 :])
        rows = [row for box in layout.boxes for row, _ in box.arrivals[side]]
        rows += [box.leaves[side] for box in layout.boxes if side in box.leaves]
        assert len(rows) == len(set(rows))


def test_the_built_in_lives_read_from_top_to_bottom() -> None:
    assert [box.state for box in lay_out(RETAIL).boxes] == [NO_STATE, *RETAIL.states[:11], *(
        "RETURNED", "IN_REPAIR", "INSTALLED", "FAILED", "RETIRED", "DESTROYED"
    )]  # fmt: skip


def test_a_state_declared_last_finds_its_place_in_life() -> None:
    edges = {("NONE", "MADE"), ("MADE", "CHECKED"), ("CHECKED", "SOLD"), ("SOLD", "GONE")}
    assert in_order_of_life("NONE", ["MADE", "SOLD", "GONE", "CHECKED"], edges) == ["MADE", "CHECKED", "SOLD", "GONE"]


@given(lifecycles())
def test_everything_of_the_svg_lies_on_its_paper(lifecycle: Lifecycle) -> None:
    root = read(to_svg(lay_out(lifecycle)))
    width, height = float(root.get("width", 0)), float(root.get("height", 0))
    for mark in root.iter():
        for name, limit in (("x", width), ("cx", width), ("y", height), ("cy", height)):
            assert 0 <= float(mark.get(name, 0)) <= limit
        for x in re.findall(r"[MH]([\d.-]+)", mark.get("d", "")):
            assert 0 < float(x) < width
        for y in re.findall(r"V([\d.-]+)", mark.get("d", "")):
            assert 0 < float(y) < height


def test_the_svg_names_every_state_and_step_in_light_and_dark_and_needs_nothing_from_outside() -> None:
    text = to_svg(lay_out(RETAIL))
    said = " ".join(mark.text or "" for mark in read(text).iter(f"{SVG}text"))
    for word in {*RETAIL.states, *(step for _, step, _ in transitions_of(RETAIL)), *RETAIL.anywhere}:
        assert re.search(rf"\b{word}\b", said), word
    assert "@media (prefers-color-scheme: dark)" in text
    assert not re.search(r"href|url\(|@import|<script|<image|http(?!://www\.w3\.org/2000/svg\")", text)
    assert text == to_svg(lay_out(RETAIL))


def test_a_name_made_to_do_harm_is_shown_and_does_none() -> None:
    nasty = '<script>"&\x1b[2J\x00'
    rows = {NO_STATE: {"COMMISSION": nasty}, nasty: {"RETIRE": "GONE"}}
    layout = lay_out(replace(RETAIL, name=nasty, states=(nasty, "GONE"), terminal=("GONE",), transitions=rows))
    names = [mark.text for mark in read(to_svg(layout)).iter(f"{SVG}text")]
    assert '<script>"&\ufffd[2J\ufffd' in names
    assert not set(to_text(layout)) & {"\x1b", "\x00"}


def test_draw_prints_the_picture_or_writes_it(tmp_path: Path) -> None:
    drawn = CliRunner().invoke(app, ["draw", "asset"])
    assert (drawn.exit_code, drawn.stdout) == (0, to_text(lay_out(ASSET)))
    file = tmp_path / "asset.svg"
    written = CliRunner().invoke(app, ["draw", "asset", "--svg", str(file)])
    assert (written.exit_code, written.stdout) == (0, "")
    assert file.read_text() == to_svg(lay_out(ASSET))


def test_a_picture_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    failed = CliRunner().invoke(app, ["draw", "asset", "--svg", str(tmp_path / "no" / "where.svg")]).exception
    assert "cannot be written" in str(failed)


def test_the_picture_in_docs_is_the_lifecycle_there_is() -> None:
    """Where it fails: `scanledger lifecycle draw retail --svg docs/retail.svg`, and look at it."""
    kept = Path(__file__).parents[2] / "docs" / "retail.svg"
    assert kept.read_text(encoding="utf-8") == to_svg(lay_out(RETAIL))
