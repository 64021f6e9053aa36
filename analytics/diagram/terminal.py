"""A lifecycle's picture in characters: the same layout, one row a line, one lane every other column.

Flow: Layout -> lines of cells: a character, and the state whose lane it belongs to.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from analytics.diagram.layout import SIDES, Box, Lane, Layout, Side, printable

_UP, _DOWN, _LEFT, _RIGHT = 1, 2, 4, 8
_LINES: Final = {
    _UP | _DOWN: "│", _LEFT | _RIGHT: "─", _DOWN | _RIGHT: "╭", _DOWN | _LEFT: "╮", _UP | _RIGHT: "╰", _UP | _LEFT: "╯",
    _UP | _DOWN | _RIGHT: "├", _UP | _DOWN | _LEFT: "┤", _LEFT | _RIGHT | _DOWN: "┬", _LEFT | _RIGHT | _UP: "┴",
    _UP | _DOWN | _LEFT | _RIGHT: "┼", _UP: "│", _DOWN: "│", _LEFT: "─", _RIGHT: "─",
}  # fmt: skip
_DOT: Final = "●"
_LANE_COLUMNS: Final = 2


class Cell(NamedTuple):
    """One character; `lane` is the state its lane leads to, empty for everything else."""

    character: str = " "
    lane: str = ""
    is_name: bool = False


def to_cells(layout: Layout) -> list[list[Cell]]:
    """Return the picture, line by line, all of one length."""
    return _Canvas(layout).lines()


def to_text(layout: Layout) -> str:
    """Return the picture without colours."""
    lines = ("".join(cell.character for cell in line).rstrip() for line in to_cells(layout))
    return "\n".join(lines) + "\n"


class _Canvas:
    """Cells by place; lines are kept as the directions they go, so that crossings and corners come of themselves."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._inner = max(len(text) for box in layout.boxes for text in _texts(box)) + 2
        zones = {side: max(map(len, layout.labels(side)), default=0) + 3 for side in SIDES}
        self._left = zones["left"] + _LANE_COLUMNS * layout.columns("left")
        self._right = self._left + self._inner + 1
        self._zones = zones
        self._width = self._right + 1 + zones["right"] + _LANE_COLUMNS * layout.columns("right")
        self._ways: dict[tuple[int, int], int] = {}
        self._cells: dict[tuple[int, int], Cell] = {}
        self._owners: dict[tuple[int, int], str] = {}

    def lines(self) -> list[list[Cell]]:
        """Draw everything and return it."""
        for box in self._layout.boxes:
            for side in SIDES:
                self._way_out(box, side)
        for lane in self._layout.lanes:
            self._lane(lane)
        for box in self._layout.boxes:
            self._box(box)
        return [[self._cell(x, y) for x in range(self._width)] for y in range(self._layout.rows + 2)]

    def _cell(self, x: int, y: int) -> Cell:
        if (x, y) in self._cells:
            return self._cells[x, y]
        ways = self._ways.get((x, y))
        return Cell(_LINES[ways], self._owners.get((x, y), "")) if ways else Cell()

    def _x(self, lane: Lane) -> int:
        away = self._zones[lane.side] + _LANE_COLUMNS * lane.column
        return self._right + 1 + away if lane.side == "right" else self._left - 1 - away

    def _across(self, begin: int, end: int, y: int, owner: str = "") -> None:
        for x in range(min(begin, end), max(begin, end) + 1):
            ways = (_LEFT if x > min(begin, end) else 0) | (_RIGHT if x < max(begin, end) else 0)
            self._add(x, y, ways, owner)

    def _along(self, x: int, begin: int, end: int, owner: str) -> None:
        for y in range(min(begin, end), max(begin, end) + 1):
            ways = (_UP if y > min(begin, end) else 0) | (_DOWN if y < max(begin, end) else 0)
            self._add(x, y, ways, owner)

    def _add(self, x: int, y: int, ways: int, owner: str) -> None:
        self._ways[x, y] = self._ways.get((x, y), 0) | ways
        if owner:
            self._owners[x, y] = owner

    def _way_out(self, box: Box, side: Side) -> None:
        lanes = box.ways_out.get(side)
        if lanes:
            edge = self._right + 1 if side == "right" else self._left - 1
            self._across(edge, self._x(lanes[-1]), box.leaves[side] + 1)

    def _lane(self, lane: Lane) -> None:
        layout, x = self._layout, self._x(lane)
        target = layout.box(lane.to)
        end = 1 + next(row for row, arriving in target.arrivals[lane.side] if arriving is lane)
        leaves = [(source, layout.box(source).leaves[lane.side] + 1) for source in lane.sources]
        tip = self._right + 1 if lane.side == "right" else self._left - 1
        self._along(x, leaves[0][1], end, lane.to)
        self._across(tip, x, end, lane.to)
        for at, (source, y) in enumerate(leaves):
            is_bend = at == 0 and layout.box(source).ways_out[lane.side][-1] is lane
            if not is_bend:
                self._cells[x, y] = Cell(_DOT, lane.to)
        self._cells[tip, end] = Cell("◀" if lane.side == "right" else "▶", lane.to)
        text = f" {lane.label} "
        self._write(tip + 1 if lane.side == "right" else tip - len(text), end, text, lane.to)

    def _box(self, box: Box) -> None:
        top, bottom = box.row, box.row + box.rows + 1
        is_first, is_last = box is self._layout.boxes[0], box is self._layout.boxes[-1]
        line = "═" if box.is_terminal else "─"
        self._write(self._left, top, f"{'╭' if is_first else '├'}{line * self._inner}{'╮' if is_first else '┤'}")
        for y in range(top + 1, bottom):
            self._write(self._left, y, f"│{' ' * self._inner}│")
        if is_last:
            self._write(self._left, bottom, f"╰{line * self._inner}╯")
        texts = _texts(box)
        first = top + 1 + (box.rows - len(texts)) // 2
        for at, text in enumerate(texts):
            for place, character in enumerate(text.center(self._inner)):
                self._cells[self._left + 1 + place, first + at] = Cell(character, "", is_name=at == 0)

    def _write(self, x: int, y: int, text: Iterable[str], lane: str = "") -> None:
        for at, character in enumerate(text):
            self._cells[x + at, y] = Cell(character, lane)


def _texts(box: Box) -> list[str]:
    return [printable(box.state), *box.notes]
