"""A lifecycle's picture as SVG: legible in print, in light and in dark, with nothing from outside.

Flow: Layout -> the text of an SVG file.
"""

from collections.abc import Iterator
from textwrap import wrap
from typing import Final
from xml.sax.saxutils import escape

from analytics.diagram.layout import SIDES, Box, Lane, Layout, Side, printable
from analytics.diagram.style import LIGHT, style_sheet

_ROW: Final = 17.0
_GAP: Final = 20.0
_COLUMN: Final = 13.0
_MARGIN: Final = 28.0
_HEADER: Final = 62.0
_PADDING: Final = 6.0
_CURVE: Final = 7.0
_ARROW: Final = 7.0
_LABEL_SHARE: Final = 6.7
_NAME_SHARE: Final = 8.6
_NOTE_SHARE: Final = 6.3
"""Pixels of the widest letters that names are made of, at each size; a font is not known before it is drawn."""
_LEGEND_GAP: Final = 34.0
_LEGEND_LINE: Final = 16.0
_LEGEND_SHARE: Final = 5.4


def to_svg(layout: Layout) -> str:
    """Return the picture."""
    return "\n".join(_Drawing(layout).lines()) + "\n"


class _Drawing:
    """One picture with its measures."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        widest = max(len(box.state) * _NAME_SHARE + 34 for box in layout.boxes)
        noted = max((len(note) * _NOTE_SHARE + 24 for box in layout.boxes for note in box.notes), default=0)
        self._box_width = max(widest, noted, 130.0)
        self._zones = {side: self._zone(side) for side in SIDES}
        reach = {side: self._zones[side] + layout.columns(side) * _COLUMN for side in SIDES}
        self._left = _MARGIN + reach["left"]
        self._right = self._left + self._box_width
        self._width = self._right + reach["right"] + _MARGIN
        self._legend = _legend(layout, self._width - 2 * _MARGIN)
        last = layout.boxes[-1]
        self._foot = self._top(last) + self._height(last)
        self._whole = self._foot + _LEGEND_GAP + len(self._legend) * _LEGEND_LINE + _MARGIN / 2
        targets = list(dict.fromkeys(box.state for box in layout.boxes if any(box.arrivals.values())))
        self._colours = {state: at % len(LIGHT) for at, state in enumerate(targets)}

    def lines(self) -> Iterator[str]:
        """Yield the file's lines: what lies below comes first."""
        size = f'width="{self._width:.0f}" height="{self._whole:.0f}" viewBox="0 0 {self._width:.0f} {self._whole:.0f}"'
        name = _text(self._layout.name)
        yield f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="Lifecycle {name}">'
        yield f"<title>Lifecycle {name}</title>"
        yield f"<style>{style_sheet()}</style>"
        yield f'<rect class="paper" width="{self._width:.0f}" height="{self._whole:.0f}"/>'
        yield f'<text class="title" x="{_MARGIN}" y="{_MARGIN + 12}">{name}</text>'
        yield f'<text class="small" x="{_MARGIN}" y="{_MARGIN + 30}">{_text(_applies(self._layout))}</text>'
        for box in self._layout.boxes:
            for side in SIDES:
                yield from self._way_out(box, side)
        for lane in sorted(self._layout.lanes, key=lambda one: -one.column):
            yield from self._lane(lane)
        for box in self._layout.boxes:
            yield from self._box(box)
        for at, text in enumerate(self._legend):
            y = self._foot + _LEGEND_GAP + at * _LEGEND_LINE
            yield f'<text class="small" x="{_MARGIN}" y="{y:.1f}">{_text(text)}</text>'
        yield "</svg>"

    def _zone(self, side: Side) -> float:
        """Return the room between the boxes and the innermost lane: the longest label's."""
        longest = max(map(len, self._layout.labels(side)), default=0)
        return longest * _LABEL_SHARE + 2 * _ARROW + 12 if longest else 0.0

    def _top(self, box: Box) -> float:
        before = self._layout.boxes.index(box)
        return _HEADER + _MARGIN / 2 + (box.row - before) * _ROW + before * (_GAP + 2 * _PADDING)

    def _height(self, box: Box) -> float:
        return box.rows * _ROW + 2 * _PADDING

    def _y(self, box: Box, row: int) -> float:
        return self._top(box) + _PADDING + (row - box.row + 0.5) * _ROW

    def _x(self, lane: Lane) -> float:
        away = self._zones[lane.side] + (lane.column + 0.5) * _COLUMN
        return self._right + away if lane.side == "right" else self._left - away

    def _edge(self, side: Side) -> float:
        return self._right if side == "right" else self._left

    def _way_out(self, box: Box, side: Side) -> Iterator[str]:
        lanes = box.ways_out.get(side)
        if lanes:
            y, sign = self._y(box, box.leaves[side]), 1 if side == "right" else -1
            last = lanes[-1]
            end = self._x(last) - (sign * _CURVE if last.sources[0] == box.state else 0)
            yield f'<path class="out" d="M{self._edge(side):.1f} {y:.1f}H{end:.1f}"/>'

    def _lane(self, lane: Lane) -> Iterator[str]:
        """Draw a lane from its farthest source to the arrow, the places where others join it, and its label."""
        layout, x, sign = self._layout, self._x(lane), 1 if lane.side == "right" else -1
        target = layout.box(lane.to)
        row = next(at for at, arriving in target.arrivals[lane.side] if arriving is lane)
        end, tip = self._y(target, row), self._edge(lane.side) + sign * 1.5
        joins = [(source, self._y(layout.box(source), layout.box(source).leaves[lane.side])) for source in lane.sources]
        first, begin = joins[0]
        turns = layout.box(first).ways_out[lane.side][-1] is lane
        bend_in = f"M{x - sign * _CURVE:.1f} {begin:.1f}Q{x:.1f} {begin:.1f} {x:.1f} {begin + sign * _CURVE:.1f}"
        start = bend_in if turns else f"M{x:.1f} {begin:.1f}"
        bend_out = f"V{end - sign * _CURVE:.1f}Q{x:.1f} {end:.1f} {x - sign * _CURVE:.1f} {end:.1f}"
        yield f'<g class="way c{self._colours[lane.to]}"><title>{_text(_told(lane))}</title>'
        yield f'<path class="lane" d="{start}{bend_out}H{tip + sign * _ARROW:.1f}"/>'
        yield f'<path class="head" d="M{tip:.1f} {end:.1f}l{sign * _ARROW} -3.6v7.2z"/>'
        yield from (f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="3.1"/>' for _, y in joins[turns:])
        place = f'x="{tip + sign * (_ARROW + 4):.1f}" y="{end - 3.6:.1f}"'
        anchor = "start" if lane.side == "right" else "end"
        yield f'<text class="label" {place} text-anchor="{anchor}">{_text(lane.label)}</text></g>'

    def _box(self, box: Box) -> Iterator[str]:
        x, y, height = self._left, self._top(box), self._height(box)
        kind = "box end" if box.is_terminal else "box"
        size = f'width="{self._box_width:.1f}" height="{height:.1f}"'
        yield f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" {size} rx="8"/>'
        middle = x + self._box_width / 2
        lines = 1 + len(box.notes)
        first = y + height / 2 - (lines - 1) * _ROW / 2 + 4.3
        if box.number:
            yield f'<text class="number" x="{x + 8:.1f}" y="{y + 14:.1f}">{box.number}</text>'
        else:
            yield f'<circle class="start" cx="{x + 14:.1f}" cy="{first - 4.3:.1f}" r="5"/>'
        yield f'<text class="name" x="{middle:.1f}" y="{first:.1f}" text-anchor="middle">{_text(box.state)}</text>'
        for at, note in enumerate(box.notes, start=1):
            place = f'x="{middle:.1f}" y="{first + at * _ROW - 1:.1f}" text-anchor="middle"'
            yield f'<text class="note" {place}>{_text(note)}</text>'


def _text(text: str) -> str:
    return escape(printable(text), {'"': "&quot;"})


def _applies(layout: Layout) -> str:
    beginnings = [
        f"keys that begin with {text}" if text else "every unit no other claims" for text in layout.applies_to
    ]
    return "applies to " + (", ".join(beginnings) or "no unit before it is loaded for some")


def _told(lane: Lane) -> str:
    return f"{lane.label}: from {', '.join(lane.sources)} to {lane.to}"


def _legend(layout: Layout, width: float) -> list[str]:
    """Return the lines below the picture, none longer than that many pixels."""
    characters = max(20, int(width / _LEGEND_SHARE))
    return [line for text in layout.legend() for line in wrap(text, characters)]
