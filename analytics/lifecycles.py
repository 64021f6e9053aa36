"""Lifecycles as they are in force: the last one loaded under a name, else the built-in one."""

from datetime import datetime

from analytics.questions import ALWAYS, as_parameter, ask
from pipeline.domain.lifecycle import Lifecycle, parse
from pipeline.ledger.built_in import built_in_lifecycles
from pipeline.warehouse.client import Warehouse


def lifecycle_in_force(warehouse: Warehouse, name: str, known: datetime = ALWAYS) -> Lifecycle | None:
    """Return the lifecycle of a name as it was in force at a time, None where there is none."""
    loaded = ask(warehouse, "lifecycle_loaded", lifecycle=name, known=as_parameter(known))
    in_force = [parse(row["content"]) for row in loaded] or built_in_lifecycles()
    return next((one for one in in_force if one.name == name), None)


def ending_steps(lifecycle: Lifecycle) -> list[str]:
    """Return the steps that lead to a terminal state wherever they are allowed: last among scans of one time."""
    targets: dict[str, set[str]] = {}
    for row in lifecycle.transitions.values():
        for step, state in row.items():
            targets.setdefault(step, set()).add(state)
    terminal = set(lifecycle.terminal)
    return sorted(step for step, states in targets.items() if states <= terminal and step not in lifecycle.anywhere)
