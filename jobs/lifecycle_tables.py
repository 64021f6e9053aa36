"""A lifecycle as tables that people can proof-read, and as one object for machines."""

from dataclasses import fields
from typing import Any, Final

from jobs.output import show
from pipeline.domain.lifecycle import NO_STATE, Lifecycle
from pipeline.domain.scan import STEPS

Row = dict[str, Any]

_SHOWN_APART: Final = ("name", "applies_to", "states", "terminal", "custody", "transitions", "anywhere")


def show_tables(lifecycle: Lifecycle) -> None:
    """Print settings, states, and what each step does in each state."""
    show(_settings(lifecycle), title=f"lifecycle {lifecycle.name}")
    show(_states(lifecycle), title="states: what leads to them, and where they lead")
    show(
        _matrix(lifecycle),
        title="steps: the number of the state that follows each state's; = the same, empty not legal",
    )


def as_object(lifecycle: Lifecycle) -> Row:
    """Return all of it, transitions by state and by step, those of `anywhere` and of adoption included."""
    return {
        "name": lifecycle.name,
        "applies_to": list(lifecycle.applies_to),
        "states": [
            {"number": number, "state": state, "ends": state in lifecycle.terminal}
            for number, state in enumerate(lifecycle.states, start=1)
        ],
        "custody": dict(lifecycle.custody),
        "anywhere": list(lifecycle.anywhere),
        "transitions": all_transitions(lifecycle),
        "settings": _other_settings(lifecycle),
    }


def all_transitions(lifecycle: Lifecycle) -> dict[str, dict[str, str]]:
    """Return by state what each legal step leads to, those that are legal anywhere, or for a unit adopted, included."""
    found = {NO_STATE: dict(lifecycle.transitions.get(NO_STATE, {}))}
    for state in lifecycle.states:
        anywhere = {} if state in lifecycle.terminal else dict.fromkeys(lifecycle.anywhere, state)
        found[state] = anywhere | dict(lifecycle.transitions.get(state, {}))
    adopted = {step: to for step, to in found.get(lifecycle.adopts, {}).items() if step != "COMMISSION"}
    found[NO_STATE] = adopted | found[NO_STATE]
    return found


def _settings(lifecycle: Lifecycle) -> list[Row]:
    keys = ", ".join(
        f"keys that begin with {text}" if text else "every unit no other claims" for text in lifecycle.applies_to
    )
    told = {
        "applies to": keys or "no unit before it is loaded with --applies-to",
        "always legal": ", ".join(lifecycle.anywhere),
    } | _other_settings(lifecycle)
    return [{"setting": name, "value": _text(value)} for name, value in told.items()]


def _other_settings(lifecycle: Lifecycle) -> Row:
    """Return the windows and whatever else a lifecycle sets, so that nothing it has is left unsaid."""
    return {one.name: getattr(lifecycle, one.name) for one in fields(lifecycle) if one.name not in _SHOWN_APART}


def _text(value: object) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_text(part)}" for name, part in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return f"{value:,}" if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def _states(lifecycle: Lifecycle) -> list[Row]:
    transitions = all_transitions(lifecycle)
    rows = []
    for number, state in enumerate([NO_STATE, *lifecycle.states]):
        led_by = {step: None for row in transitions.values() for step, to in row.items() if to == state}
        leads = {to: None for to in transitions[state].values() if to != state}
        kind = "end" if state in lifecycle.terminal else "" if number else "nothing known"
        own = [step for step in led_by if step not in lifecycle.anywhere]
        rows.append({"": number, "state": state, "kind": kind, "by": ", ".join(own), "leads to": ", ".join(leads)})
    return rows


def _matrix(lifecycle: Lifecycle) -> list[Row]:
    """Return a row for each step that is legal somewhere, a column for each state by its number."""
    transitions, states = all_transitions(lifecycle), [NO_STATE, *lifecycle.states]
    number = {state: at for at, state in enumerate(states)}
    used = [step for step in STEPS if any(step in row for row in transitions.values())]
    return [
        {"step": step, "custody": lifecycle.custody.get(step, "")}
        | {
            str(number[state]): _cell(state, transitions[state].get(step), number)
            for state in states
            if _is_left(state, lifecycle)
        }
        for step in used
    ]


def _is_left(state: str, lifecycle: Lifecycle) -> bool:
    return state not in lifecycle.terminal


def _cell(state: str, to: str | None, number: dict[str, int]) -> str:
    if to is None:
        return ""
    return "=" if to == state else str(number[to])
