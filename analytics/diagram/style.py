"""How the picture looks: one style sheet within the SVG, light and dark, nothing from outside.

Every colour is spelled out, because renderers outside of browsers know no variables; they show the light one.
"""

from string import Template
from typing import Final

LIGHT: Final = (
    "#3472be", "#b24f37", "#238744", "#8a58ac", "#9e6300", "#008790", "#ae4a6e", "#687c00", "#6466be", "#ae5517",
    "#008a6d", "#a04f90", "#0080ac", "#8b6f00",
)  # fmt: skip
DARK: Final = (
    "#81b7fc", "#f49982", "#7cc98d", "#cb9feb", "#dfa95b", "#41cad1", "#f094b1", "#abbf68", "#a6acfc", "#ef9e70",
    "#55ccb0", "#e298d1", "#54c3eb", "#cbb358",
)  # fmt: skip
"""Of equal lightness (OKLCH 0.55 and 0.77), one for each state that lanes lead to, the hues of neighbours far apart."""

_SHAPES: Final = """
text { font-family: ui-sans-serif, system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
.title { font-size: 19px; font-weight: 650; }
.small, .note, .number { font-size: 10.5px; }
.name { font-size: 12.5px; font-weight: 600; letter-spacing: 0.2px; }
.label { font-size: 10.5px; font-weight: 500; letter-spacing: 0.15px; }
.box { stroke-width: 1.2; }
.end { stroke-width: 2.4; }
.out { fill: none; stroke-width: 1.3; }
.lane { fill: none; stroke-width: 1.9; stroke-linecap: round; stroke-linejoin: round; }
.way:hover .lane { stroke-width: 3.6; }
"""
_COLOURS: Final = Template("""
.paper { fill: $paper; }
.title, .name, .start { fill: $ink; }
.small, .note, .number { fill: $soft; }
.box { fill: $box; stroke: $edge; }
.end { fill: $end; }
.out { stroke: $line; }
""")
_PAPER: Final = {
    "paper": "#fbfbfa", "ink": "#1d232b", "soft": "#5b6672", "line": "#b3bbc4", "box": "#ffffff", "edge": "#8b97a3",
    "end": "#eceff2",
}  # fmt: skip
_NIGHT: Final = {
    "paper": "#14181d", "ink": "#e8ecf0", "soft": "#9aa6b2", "line": "#4c5661", "box": "#1e242b", "edge": "#6b7884",
    "end": "#2a323a",
}  # fmt: skip


def style_sheet() -> str:
    """Return the style sheet; class `cN` has the Nth colour."""
    dark = _rules(_NIGHT, DARK)
    return f"{_SHAPES}{_rules(_PAPER, LIGHT)}@media (prefers-color-scheme: dark) {{{dark}}}\n"


def _rules(surfaces: dict[str, str], lanes: tuple[str, ...]) -> str:
    lines = [f".c{at} .lane {{ stroke: {colour}; }} .c{at} .dot, .c{at} .head, .c{at} .label {{ fill: {colour}; }}"
             for at, colour in enumerate(lanes)]  # fmt: skip
    return _COLOURS.substitute(surfaces) + "\n".join(lines) + "\n"
