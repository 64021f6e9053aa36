"""A lifecycle's picture on the terminal, in the terminal's own colours, or in a file."""

import sys
from itertools import groupby
from pathlib import Path
from typing import Final

from analytics.diagram.layout import Layout, lay_out
from analytics.diagram.svg import to_svg
from analytics.diagram.terminal import to_cells, to_text
from jobs.output import note
from pipeline.domain.lifecycle import Lifecycle
from pipeline.errors import FolderUnusable

_COLOURS: Final = ("cyan", "magenta", "green", "yellow", "blue", "red")
_BRIGHT: Final = (*_COLOURS, *(f"bright_{colour}" for colour in _COLOURS))


def draw(lifecycle: Lifecycle) -> None:
    """Print the picture on stdout, without colours where that is no terminal, and what it means on stderr."""
    layout = lay_out(lifecycle)
    if sys.stdout.isatty():
        _print(layout)
    else:
        sys.stdout.write(to_text(layout))
    for line in layout.legend():
        note(line)


def _print(layout: Layout) -> None:
    from rich.console import Console  # noqa: PLC0415  rich costs 0.1 s that a pipe need not pay
    from rich.text import Text  # noqa: PLC0415

    targets = list(dict.fromkeys(lane.to for lane in layout.lanes))
    console = Console()
    for line in to_cells(layout):
        text = Text(no_wrap=True, overflow="ignore")
        for (lane, is_name), cells in groupby(line, key=lambda cell: (cell.lane, cell.is_name)):
            colour = _BRIGHT[targets.index(lane) % len(_BRIGHT)] if lane else ""
            text.append("".join(cell.character for cell in cells), "bold" if is_name else colour)
        console.print(text, soft_wrap=True)


def write_svg(lifecycle: Lifecycle, file: Path) -> None:
    """Write the picture into a file.

    Raises:
        FolderUnusable: the file cannot be written.
    """
    try:
        file.write_text(to_svg(lay_out(lifecycle)), encoding="utf-8")
    except OSError as error:
        message = f"{file} cannot be written ({error.strerror}): choose another place."
        raise FolderUnusable(message) from error
