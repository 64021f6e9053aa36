"""The lifecycles in force as the arrays that the fold reads.

Flow: Lifecycle, one or several -> Tables.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.domain.flags import FLAGS
from pipeline.domain.lifecycle import CUSTODY, MAX_STATES, NO_STATE, Lifecycle
from pipeline.domain.scan import COMMISSION, INSPECT, RELEASE, STEPS

HELD: Final = "HELD"
"""The state that an INSPECT ends where it finds nothing wrong."""
DAY_MS: Final = 86_400_000

RULE: Final = np.dtype(
    [
        ("next", "i2"),  # the state after it; -1: illegal
        ("blocked", "i2"),  # flags that block it
        ("custody", "i1"),
        ("is_terminal", "i1"),  # the state is
        ("ends", "i1"),  # the step always leads to a terminal state: it comes last among equal times
        ("fit", "i1"),  # the state after it where its disposition says that the unit may go on; 0: no other
        ("carries", "i1"),  # it moves what is in the unit
        ("is_end", "i1"),  # the usual state after it is terminal
        ("usual", "i1"),  # the state after it; of an illegal step that a mode lets happen, where it most often leads
        ("reserved", "i1"),
    ]
)
"""What a step means in a state."""

WINDOWS: Final = np.dtype(
    [
        ("double_scan_ms", "i8"),
        ("over_km", "f8"),
        ("km_per_ms", "f8"),
        ("allowance_ms", "f8"),
        ("burst_ms", "i8"),
        ("second_source_ms", "i8"),
        ("reuse_ms", "i8"),
        ("warranty_ms", "i8"),
        ("holds", "i8"),  # its units are there to hold others: their moves are kept for those that become known later
    ]
)


class Tables(NamedTuple):
    """The lifecycles in force as arrays, indexed by lifecycle number (from 1; 0 is unused).

    Shape: `rules` RULE[lifecycle, state, step]; `windows` WINDOWS[lifecycle]. Records, because the compiler counts
    references to every array it reaches for and none to a record.
    """

    rules: npt.NDArray[np.void]
    windows: npt.NDArray[np.void]


def tables(lifecycles: Sequence[Lifecycle]) -> Tables:
    """Compile lifecycles, numbered from 1 in the order given, into the arrays the fold reads."""
    made = Tables(
        rules=np.zeros((len(lifecycles) + 1, MAX_STATES, len(STEPS)), RULE),
        windows=np.zeros(len(lifecycles) + 1, WINDOWS),
    )
    made.rules["next"] = -1
    for number, lifecycle in enumerate(lifecycles, start=1):
        _fill(made.rules[number], lifecycle)
        made.windows[number] = (
            lifecycle.double_scan_ms,
            lifecycle.travel_over_km,
            lifecycle.travel_km_per_h / 3_600_000,
            lifecycle.travel_allowance_minutes * 60_000,
            lifecycle.burst_ms,
            lifecycle.second_source_ms,
            lifecycle.reuse_after_days * DAY_MS,
            lifecycle.warranty_days * DAY_MS,
            lifecycle.holds,
        )
    return made


def _fill(rules: npt.NDArray[np.void], lifecycle: Lifecycle) -> None:
    index = {NO_STATE: 0, **{state: place for place, state in enumerate(lifecycle.states, start=1)}}
    terminal = [index[state] for state in lifecycle.terminal]
    rules["is_terminal"][terminal] = True
    living = [place for state, place in index.items() if place and state not in lifecycle.terminal]
    for step in lifecycle.anywhere:
        rules["next"][living, STEPS.index(step)] = living
    for state, row in lifecycle.transitions.items():
        for step, to in row.items():
            rules["next"][index[state], STEPS.index(step)] = index[to]
    _adopt(rules, index.get(lifecycle.adopts, 0))
    _fill_steps(rules, lifecycle)
    if HELD in index and rules["next"][index[HELD], INSPECT] >= 0:
        rules["fit"][index[HELD], INSPECT] = max(rules["next"][index[HELD], RELEASE], 0)
    _let_happen(rules, lifecycle, index)
    rules["is_end"] = np.isin(rules["usual"], terminal)
    for place in range(len(STEPS)):
        leads_to = rules["next"][:, place]
        leads_to = leads_to[leads_to >= 0]
        rules["ends"][:, place] = leads_to.size > 0 and np.isin(leads_to, terminal).all()


def _fill_steps(rules: npt.NDArray[np.void], lifecycle: Lifecycle) -> None:
    """Fill in what a step does in every state."""
    for step, what in lifecycle.custody.items():
        rules["custody"][:, STEPS.index(step)] = CUSTODY.index(what)
    for step in lifecycle.carries:
        rules["carries"][:, STEPS.index(step)] = True
    for flag, steps in lifecycle.blocked_by.items():
        for step in steps:
            rules["blocked"][:, STEPS.index(step)] |= 1 << FLAGS.index(flag)


def _let_happen(rules: npt.NDArray[np.void], lifecycle: Lifecycle, index: Mapping[str, int]) -> None:
    """Fill in where steps usually lead, illegal ones too: where most transitions that leave their state do.

    Where none does, the state stays; a unit that nothing is known of begins as if it had been commissioned. Of several
    states the first one, as numbered.
    """
    rules["usual"] = np.arange(len(rules))[:, np.newaxis]
    rules["usual"][0] = rules["next"][0, COMMISSION]
    rows = [(state, step, to) for state, row in lifecycle.transitions.items() for step, to in row.items()]
    for place, step in enumerate(STEPS):
        leads = Counter(index[to] for state, named, to in rows if named == step and to != state)
        if leads and place != COMMISSION:
            rules["usual"][~rules["is_terminal"].astype(bool)[:, place], place] = min(
                leads, key=lambda state: (-leads[state], state)
            )
    is_legal = rules["next"] >= 0
    rules["usual"][is_legal] = rules["next"][is_legal]


def _adopt(rules: npt.NDArray[np.void], state: int) -> None:
    """Let a unit nothing is known of be treated as one in this state, where NONE has no transition of its own."""
    if state:
        steps = np.flatnonzero(rules["next"][0] < 0)
        steps = steps[steps != COMMISSION]
        rules["next"][0, steps] = rules["next"][state, steps]
