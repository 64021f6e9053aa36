"""A lifecycle: which step may follow which state, and what it does to custody. Data, so that anyone can proof-read it.

Flow: TOML or JSON -> Lifecycle -> Tables (arrays for the fold).
"""

import json
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.domain.scan import STEPS
from pipeline.errors import RulesWrong

NO_STATE = "NONE"
MAX_STATES = 64
MAX_NAME_BYTES = 64
MAX_BYTES = 512 * 1024  # its entry in `units` and the act that loads it are records of at most 1 MiB
MAX_WINDOW_MS = 366 * 86_400_000
CUSTODY = ("none", "keep", "take", "give", "free")
CUSTODY_NONE, CUSTODY_KEEP, CUSTODY_TAKE, CUSTODY_GIVE, CUSTODY_FREE = range(5)


@dataclass(frozen=True)
class Lifecycle:
    """One lifecycle as its file states it.

    Source: design, section 3; `schemas/lifecycles/*.toml`.
    """

    name: str
    applies_to: tuple[str, ...]
    states: tuple[str, ...]
    terminal: tuple[str, ...]
    custody: Mapping[str, str]
    transitions: Mapping[str, Mapping[str, str]]
    anywhere: tuple[str, ...]
    double_scan_ms: int
    travel_over_km: float
    travel_km_per_h: float
    travel_allowance_minutes: float

    def to_json(self) -> str:
        """Return the lifecycle as the JSON that travels in `internal`."""
        plain: dict[str, Any] = {name: getattr(self, name) for name in self.__dataclass_fields__}
        plain["anywhere"] = {"steps": self.anywhere}
        return json.dumps(plain, sort_keys=True)

    def applying_to(self, beginnings: Sequence[str]) -> "Lifecycle":
        """Return the same lifecycle, applied to more unit keys."""
        return replace(self, applies_to=tuple(dict.fromkeys([*self.applies_to, *beginnings])))

    def extends(self, former: "Lifecycle") -> bool:
        """Whether every state of the former version keeps its number (states are append-only)."""
        return self.states[: len(former.states)] == former.states


RULE = np.dtype([("next", "i2"), ("custody", "i1"), ("is_terminal", "i1"), ("ends", "i1"), ("reserved", "i1", (3,))])
"""What a step means in a state: the next state (-1: illegal), what it does to custody, whether the state is terminal,
and whether the step always leads to a terminal one (it comes last among equal times)."""

WINDOWS = np.dtype([("double_scan_ms", "i8"), ("over_km", "f8"), ("km_per_ms", "f8"), ("allowance_ms", "f8")])


class Tables(NamedTuple):
    """The lifecycles in force as arrays, indexed by lifecycle number (from 1; 0 is unused).

    Shape: `rules` RULE[lifecycle, state, step]; `windows` WINDOWS[lifecycle]. Records, because the compiler counts
    references to every array it reaches for and none to a record.
    """

    rules: npt.NDArray[np.void]
    windows: npt.NDArray[np.void]


def parse(text: str) -> Lifecycle:
    """Read a lifecycle from TOML (a file) or JSON (a record of `internal`).

    Raises:
        RulesWrong: the text breaks a rule; the message names the place.
    """
    try:
        plain = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
        lifecycle = _build(plain)
        faults = check(lifecycle)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        message = f"not a lifecycle: {type(error).__name__}: {error}; compare schemas/lifecycles/retail.toml"
        raise RulesWrong(message) from error
    if faults:
        message = f"lifecycle {lifecycle.name}: " + "; ".join(faults)
        raise RulesWrong(message)
    return lifecycle


def _texts(plain: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Return a list of texts; one text alone would pass for the list of its letters."""
    if not isinstance(plain[name], list):
        message = f"{name} must be a list"
        raise TypeError(message)
    return tuple(map(str, plain[name]))


def _build(plain: Mapping[str, Any]) -> Lifecycle:
    known = set(Lifecycle.__dataclass_fields__)
    if unknown := sorted(set(plain) - known):
        message = f"unknown keys {unknown}"
        raise ValueError(message)
    return Lifecycle(
        name=str(plain["name"]),
        applies_to=_texts(plain, "applies_to"),
        states=_texts(plain, "states"),
        terminal=_texts(plain, "terminal"),
        custody={str(k): str(v) for k, v in plain["custody"].items()},
        transitions={str(k): dict(v) for k, v in plain["transitions"].items()},
        anywhere=tuple(plain.get("anywhere", {}).get("steps", ())),
        double_scan_ms=int(plain["double_scan_ms"]),
        travel_over_km=float(plain["travel_over_km"]),
        travel_km_per_h=float(plain["travel_km_per_h"]),
        travel_allowance_minutes=float(plain["travel_allowance_minutes"]),
    )


def check(lifecycle: Lifecycle) -> list[str]:
    """Return what is wrong with a lifecycle, in words; empty where nothing is."""
    states, faults = set(lifecycle.states), _faults_of_size(lifecycle)
    if len(states) != len(lifecycle.states) or NO_STATE in states or len(states) >= MAX_STATES:
        faults.append(f"states must be distinct, fewer than {MAX_STATES}, and not {NO_STATE}")
    faults += [f"state {s}: at most {MAX_NAME_BYTES} bytes" for s in states if len(s.encode()) > MAX_NAME_BYTES]
    faults += [f"terminal state {s} is not a state" for s in lifecycle.terminal if s not in states]
    faults += [
        f"transitions from {s}, which is no state" for s in lifecycle.transitions if s not in states | {NO_STATE}
    ]
    faults += [f"transitions from {s}, which is terminal" for s in lifecycle.transitions if s in lifecycle.terminal]
    for state, row in lifecycle.transitions.items():
        faults += [f"{state}: {step} is no step" for step in row if step not in STEPS]
        faults += [f"{state}: {step} leads to {to}, which is no state" for step, to in row.items() if to not in states]
        faults += [f"{state}: VOID changes nothing and has no transition"] if "VOID" in row else []
    faults += [f"custody: {step} is no step" for step in lifecycle.custody if step not in STEPS]
    faults += [
        f"custody of {s}: {what} is none of {CUSTODY[1:]}"
        for s, what in lifecycle.custody.items()
        if what not in CUSTODY
    ]
    faults += [f"anywhere: {step} is no step" for step in lifecycle.anywhere if step not in STEPS or step == "VOID"]
    if "COMMISSION" not in lifecycle.transitions.get(NO_STATE, {}):
        faults.append(f"no COMMISSION from {NO_STATE}")
    if min(lifecycle.double_scan_ms, lifecycle.travel_over_km, lifecycle.travel_allowance_minutes) < 0:
        faults.append("windows must not be negative")
    if lifecycle.travel_km_per_h <= 0:
        faults.append("travel_km_per_h must be positive")
    return faults


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
    for step, what in lifecycle.custody.items():
        rules["custody"][:, STEPS.index(step)] = CUSTODY.index(what)
    for place in range(len(STEPS)):
        leads_to = rules["next"][:, place]
        leads_to = leads_to[leads_to >= 0]
        rules["ends"][:, place] = leads_to.size > 0 and np.isin(leads_to, terminal).all()


def _faults_of_size(lifecycle: Lifecycle) -> list[str]:
    """Return what of a lifecycle no record, column or number could hold."""
    faults = []
    if not 0 < len(lifecycle.name.encode(errors="replace")) <= MAX_NAME_BYTES:
        faults.append(f"a name of 1 to {MAX_NAME_BYTES} bytes")
    if any("\ud800" <= letter <= "\udfff" for letter in "".join([lifecycle.name, *lifecycle.applies_to])):
        faults.append("half a surrogate in the name or in applies_to")
    if len(lifecycle.to_json()) > MAX_BYTES:
        faults.append(f"more than {MAX_BYTES} bytes as JSON")
    windows = (lifecycle.travel_over_km, lifecycle.travel_km_per_h, lifecycle.travel_allowance_minutes)
    if not all(map(math.isfinite, windows)) or lifecycle.double_scan_ms > MAX_WINDOW_MS:
        faults.append(f"windows and speeds are finite, double_scan_ms at most {MAX_WINDOW_MS}")
    return faults
