"""A lifecycle: which step may follow which state, and what it does to custody. Data, so that anyone can proof-read it.

Flow: TOML or JSON -> Lifecycle; the arrays for the fold are made of it in lifecycle_tables.
"""

import json
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from pipeline.domain.scan import STEPS
from pipeline.errors import RulesWrong

NO_STATE = "NONE"
MAX_STATES = 64
MAX_NAME_BYTES = 64
MAX_BYTES = 512 * 1024  # its entry in `units` and the act that loads it are records of at most 1 MiB
MAX_WINDOW_MS = 366 * 86_400_000
MAX_DAYS = 100 * 366
CUSTODY = ("none", "keep", "take", "give", "free")
CUSTODY_NONE, CUSTODY_KEEP, CUSTODY_TAKE, CUSTODY_GIVE, CUSTODY_FREE = range(5)
BLOCKING: Final = ("recalled", "stolen", "expired")
"""The flags that may block steps."""
_BLOCKED: Final = ("SHIP", "SELL", "DISPENSE")


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
    burst_ms: int = 0
    """D3: OBSERVE by one reader again within this; 0: never."""
    second_source_ms: int = 0
    """D11: how far the times of two systems' reports of one scan may lie apart; 0: every report is a scan."""
    carries: tuple[str, ...] = ()
    """Steps that move what is in the unit."""
    holds: bool = False
    """Whether units are there to hold others: their moves are kept for members that become known later."""
    adopts: str = ""
    """The state of which a unit may be that is first seen by another step than COMMISSION; empty: see NONE."""
    reuse_after_days: int = 0
    """How long after its last scan an empty unit may be commissioned anew; 0: never."""
    warranty_days: int = 0
    """How long after the sale a return is covered; 0: not looked at."""
    blocked_by: Mapping[str, Sequence[str]] = field(default_factory=lambda: dict.fromkeys(BLOCKING, _BLOCKED))
    """Which steps a flag of the unit blocks."""

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


_WINDOWS: Final = ("burst_ms", "second_source_ms", "reuse_after_days", "warranty_days")


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
        **_optional(plain),
    )


def _optional(plain: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a lifecycle may leave out, as far as it states it."""
    stated: dict[str, Any] = {name: int(plain[name]) for name in _WINDOWS if name in plain}
    if "carries" in plain:
        stated["carries"] = _texts(plain, "carries")
    if "holds" in plain:
        stated["holds"] = bool(plain["holds"])
    if "adopts" in plain:
        stated["adopts"] = str(plain["adopts"])
    if "blocked_by" in plain:
        stated["blocked_by"] = {str(flag): _texts(plain["blocked_by"], flag) for flag in plain["blocked_by"]}
    return stated


_MOVING: Final = tuple(step for step in STEPS if step not in ("COMMISSION", "UNPACK", "VOID"))


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
    faults += [f"carries: {step} is no step that moves" for step in lifecycle.carries if step not in _MOVING]
    faults += [f"blocked_by: {flag} is none of {BLOCKING}" for flag in lifecycle.blocked_by if flag not in BLOCKING]
    faults += [
        f"blocked_by {flag}: {step} is no step that a flag may block"
        for flag, steps in lifecycle.blocked_by.items()
        for step in steps
        if step not in _MOVING
    ]
    if lifecycle.adopts and lifecycle.adopts not in states - set(lifecycle.terminal):
        faults.append(f"adopts: {lifecycle.adopts} is no state, or a terminal one")
    if "COMMISSION" not in lifecycle.transitions.get(NO_STATE, {}):
        faults.append(f"no COMMISSION from {NO_STATE}")
    counted = [getattr(lifecycle, name) for name in _WINDOWS]
    if min(lifecycle.double_scan_ms, lifecycle.travel_over_km, lifecycle.travel_allowance_minutes, *counted) < 0:
        faults.append("windows must not be negative")
    if lifecycle.travel_km_per_h <= 0:
        faults.append("travel_km_per_h must be positive")
    return faults


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
    in_ms = max(lifecycle.double_scan_ms, lifecycle.burst_ms, lifecycle.second_source_ms)
    if not all(map(math.isfinite, windows)) or in_ms > MAX_WINDOW_MS:
        faults.append(f"windows and speeds are finite, those in milliseconds at most {MAX_WINDOW_MS}")
    if max(lifecycle.reuse_after_days, lifecycle.warranty_days) > MAX_DAYS:
        faults.append(f"windows in days are at most {MAX_DAYS}")
    return faults
