"""Lifecycles as they are in force: the last one loaded under a name, else the built-in one."""

from datetime import datetime

from analytics.questions import ALWAYS, as_parameter, ask
from pipeline.domain.lifecycle import Lifecycle, parse
from pipeline.ledger.built_in import built_in_lifecycles
from pipeline.warehouse.client import Warehouse


def lifecycles_in_force(warehouse: Warehouse, known: datetime = ALWAYS) -> dict[str, Lifecycle]:
    """Return the lifecycles as they were in force at a time, by name."""
    loaded = ask(warehouse, "lifecycles_loaded", known=as_parameter(known))
    in_force = {one.name: one for one in built_in_lifecycles()}
    return in_force | {row["lifecycle"]: parse(row["content"]) for row in loaded}


def ending_steps(lifecycle: Lifecycle) -> list[str]:
    """Return the steps that lead to a terminal state wherever they are allowed: last among scans of one time."""
    targets: dict[str, set[str]] = {}
    for row in lifecycle.transitions.values():
        for step, state in row.items():
            targets.setdefault(step, set()).add(state)
    terminal = set(lifecycle.terminal)
    return sorted(step for step, states in targets.items() if states <= terminal and step not in lifecycle.anywhere)
