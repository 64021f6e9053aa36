"""Where everything of a lifecycle's picture goes, in rows and columns: exact, and the same for every medium.

Flow: Lifecycle -> Layout: boxes from top to bottom, lanes beside them, the rows at which lines leave and arrive.

What leads from above into a state runs down a lane on the right, what leads from below runs up one on the left. A lane
is everything that the same steps do from the same states: it has one label, where it arrives. A state's way out is one
line that joins every lane it may take.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from textwrap import wrap
from typing import Final, Literal

from analytics.diagram.order import in_order_of_life
from pipeline.domain.lifecycle import NO_STATE, Lifecycle
from pipeline.domain.scan import STEPS

Side = Literal["right", "left"]
SIDES: Final[tuple[Side, Side]] = ("right", "left")
_NOTE_CHARACTERS: Final = 36


@dataclass
class Lane:
    """A line that leads to one state."""

    to: str
    steps: tuple[str, ...]
    sources: tuple[str, ...]
    """Those on this side, the farthest from the target first."""
    side: Side
    column: int = 0
    """From the boxes outwards, from 0."""

    @property
    def label(self) -> str:
        """The steps, as they stand where the lane arrives."""
        return ", ".join(self.steps)


@dataclass
class Box:
    """One state.

    `arrivals` and `leaves` are rows, counted from the top of the picture.
    """

    state: str
    number: int
    is_terminal: bool
    notes: tuple[str, ...]
    """Lines below the name: what leads here from everywhere, and what leaves the state as it is."""
    row: int = 0
    rows: int = 1
    leaves: dict[Side, int] = field(default_factory=dict)
    ways_out: dict[Side, list[Lane]] = field(default_factory=dict)
    arrivals: dict[Side, list[tuple[int, Lane]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Layout:
    """The whole picture."""

    name: str
    applies_to: tuple[str, ...]
    boxes: tuple[Box, ...]
    lanes: tuple[Lane, ...]
    anywhere: tuple[str, ...]
    rows: int

    def columns(self, side: Side) -> int:
        """Return how many lanes stand beside each other."""
        return 1 + max((lane.column for lane in self.lanes if lane.side == side), default=-1)

    def labels(self, side: Side) -> list[str]:
        """Return the labels of one side."""
        return [lane.label for lane in self.lanes if lane.side == side]

    def legend(self) -> list[str]:
        """Return what must be said once about the whole picture."""
        said = [
            "Lines join where there is a dot or a bend; elsewhere they only cross.",
            "On the right a life goes on, on the left it goes back.",
        ]
        if self.anywhere:
            steps = ", ".join(self.anywhere)
            said.append(f"Every living state may also see {steps}, and stays as it is where no line says otherwise.")
        return said

    def box(self, state: str) -> Box:
        """Return a state's box."""
        return next(box for box in self.boxes if box.state == state)


def printable(text: str) -> str:
    """Return a name as it may be shown: what a terminal would obey, or XML refuse, is a replacement character."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)


def lay_out(lifecycle: Lifecycle) -> Layout:
    """Lay a lifecycle out."""
    living = [state for state in lifecycle.states if state not in lifecycle.terminal]
    sources = _sources(lifecycle)
    everywhere = {edge for edge, states in sources.items() if len(living) > 1 and set(living) <= set(states)}
    drawn = {(step, to): [s for s in states if s != to and not _is_said(s, step, to, living, everywhere)]
             for (step, to), states in sources.items()}  # fmt: skip
    edges = {(state, to) for (_, to), states in drawn.items() for state in states}
    order = [
        NO_STATE,
        *in_order_of_life(NO_STATE, living, edges),
        *(s for s in lifecycle.states if s in lifecycle.terminal),
    ]
    lanes = _lanes(drawn, order)
    boxes = [_box(state, lifecycle, sources, everywhere) for state in order]
    rows = _place(boxes, lanes)
    return Layout(lifecycle.name, lifecycle.applies_to, tuple(boxes), tuple(lanes), lifecycle.anywhere, rows)


def _sources(lifecycle: Lifecycle) -> dict[tuple[str, str], list[str]]:
    """Return by step and target the states from which it leads there."""
    sources: dict[tuple[str, str], list[str]] = defaultdict(list)
    for state, row in lifecycle.transitions.items():
        for step, to in row.items():
            sources[step, to].append(state)
    return dict(sources)


def _is_said(state: str, step: str, to: str, living: Iterable[str], everywhere: Iterable[tuple[str, str]]) -> bool:
    """Whether the note "from every state" says it."""
    return (step, to) in everywhere and state in living


def _lanes(drawn: Mapping[tuple[str, str], list[str]], order: list[str]) -> list[Lane]:
    """Return one lane for each side, target and set of sources, with every step that does the same."""
    place = {state: at for at, state in enumerate(order)}
    steps: dict[tuple[Side, str, tuple[str, ...]], list[str]] = defaultdict(list)
    for (step, to), states in drawn.items():
        for side in SIDES:
            mine = [s for s in states if (place[s] < place[to]) == (side == "right")]
            farthest_first = sorted(mine, key=lambda s: -abs(place[s] - place[to]))
            if mine:
                steps[side, to, tuple(farthest_first)].append(step)
    lanes = [Lane(to, tuple(of), sources, side) for (side, to, sources), of in steps.items()]
    for side in SIDES:
        _assign_columns([lane for lane in lanes if lane.side == side], place)
    return lanes


def _assign_columns(lanes: list[Lane], place: Mapping[str, int]) -> None:
    """Give each lane the innermost column that is free along its way, the short ones first, so that they lie inside."""

    def way(lane: Lane) -> tuple[int, int]:
        ends = place[lane.sources[0]], place[lane.to]
        return min(ends), max(ends)

    taken: list[list[tuple[int, int]]] = []
    for lane in sorted(lanes, key=lambda one: (way(one)[1] - way(one)[0], way(one))):
        begin, end = way(lane)
        free = (c for c, ways in enumerate(taken) if all(end < other[0] or begin > other[1] for other in ways))
        lane.column = next(free, len(taken))
        if lane.column == len(taken):
            taken.append([])
        taken[lane.column].append((begin, end))


def _box(
    state: str,
    lifecycle: Lifecycle,
    sources: Mapping[tuple[str, str], list[str]],
    everywhere: Iterable[tuple[str, str]],
) -> Box:
    from_all = [step for step, to in everywhere if to == state]
    staying = [step for (step, to), states in sources.items() if to == state and state in states]
    staying = [step for step in staying if (step, state) not in everywhere]
    notes = []
    if from_all:
        notes.append(f"{', '.join(sorted(from_all, key=STEPS.index))} from every living state")
    if staying:
        notes.append(f"↻ {', '.join(staying)}")
    if state == NO_STATE and lifecycle.adopts:
        notes.append(f"seen otherwise: as {lifecycle.adopts}")
    number = lifecycle.states.index(state) + 1 if state != NO_STATE else 0
    lines = [line for note in notes for line in wrap(note, _NOTE_CHARACTERS, break_long_words=False)]
    return Box(state, number, state in lifecycle.terminal, tuple(lines))


def _place(boxes: list[Box], lanes: list[Lane]) -> int:
    """Give every box its rows, and every line the row at which it leaves or arrives; return how many rows there are.

    On the right lines arrive from above and leave downwards, on the left the other way round: so on the right those of
    the inner lanes arrive above those of the outer ones, and the way out is the lowest; on the left all is upside down.
    """
    row = 0
    for box in boxes:
        arriving = {side: sorted((lane for lane in lanes if lane.side == side and lane.to == box.state),
                                 key=lambda lane: lane.column) for side in SIDES}  # fmt: skip
        leaving = {side: [lane for lane in lanes if lane.side == side and box.state in lane.sources] for side in SIDES}
        ports = [len(arriving[side]) + bool(leaving[side]) for side in SIDES]
        box.row, box.rows = row, max(1 + len(box.notes), *ports)
        for side in SIDES:
            if leaving[side]:
                box.ways_out[side] = sorted(leaving[side], key=lambda lane: lane.column)
                box.leaves[side] = row + box.rows - 1 if side == "right" else row
            inner_first = [(row + at, lane) for at, lane in enumerate(arriving[side])]
            if side == "left":
                inner_first = [(row + box.rows - 1 - at, lane) for at, lane in enumerate(arriving[side])]
            box.arrivals[side] = inner_first
        row += box.rows + 1
    return row - 1
