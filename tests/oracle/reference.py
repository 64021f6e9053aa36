"""What the rules are told: sites with coordinates and lifecycles, as loaded so far in one partition."""

import json
import math
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.oracle.modes import modes_of, outcome_of

_FOLDER = Path(__file__).resolve().parents[2] / "schemas" / "lifecycles"
_BUILT_IN = ("retail", "asset", "pharma", "container", "place")
_BLOCKED = ["SHIP", "SELL", "DISPENSE"]
_EARTH_RADIUS_KM = 6371.0088


@dataclass(frozen=True)
class Lifecycle:
    """One lifecycle, as its file says it."""

    name: str
    applies_to: list[str]
    double_scan_ms: int
    travel_over_km: float
    travel_km_per_h: float
    travel_allowance_minutes: float
    states: list[str]
    terminal: list[str]
    custody: dict[str, str]
    anywhere: list[str]
    transitions: dict[str, dict[str, str]]
    burst_ms: int = 0
    second_source_ms: int = 0
    carries: Sequence[str] = ()
    holds: bool = False
    adopts: str = ""
    reuse_after_days: int = 0
    warranty_days: int = 0
    blocked_by: dict[str, list[str]] = field(
        default_factory=lambda: dict.fromkeys(("recalled", "stolen", "expired"), _BLOCKED)
    )

    @classmethod
    def of(cls, text: dict[str, Any]) -> "Lifecycle":
        """Returns the lifecycle of a parsed file or of a record's content."""
        plain = {name: value for name, value in text.items() if name != "anywhere"}
        return cls(**plain, anywhere=text.get("anywhere", {}).get("steps", []))

    def next_state(self, state: str, step: str) -> str | None:
        """Returns where a step leads from a state; None where it is not allowed."""
        row = self.transitions.get(state, {})
        if step in row:
            return row[step]
        if state == "NONE":
            return self.next_state(self.adopts, step) if self.adopts and step != "COMMISSION" else None
        return state if state not in self.terminal and step in self.anywhere else None

    def usual_state(self, state: str, step: str) -> str:
        """Returns where an illegal step that is let happen leads: where it most often leads to another state."""
        leads = [row[step] for origin, row in self.transitions.items() if row.get(step, origin) != origin]
        if leads:
            return max(self.states, key=leads.count)
        return self.transitions["NONE"]["COMMISSION"] if state == "NONE" else state

    @cached_property
    def terminal_steps(self) -> frozenset[str]:
        """The steps all of whose transitions end the unit."""
        ending = {step for row in self.transitions.values() for step, state in row.items() if state in self.terminal}
        going_on = {
            step for row in self.transitions.values() for step, state in row.items() if state not in self.terminal
        }
        return frozenset(ending - going_on - set(self.anywhere))


@dataclass
class Reference:
    """The reference data in force; `sites` maps a loaded site to (latitude, longitude), each perhaps None."""

    version: int = 0
    sites: dict[str, tuple[float | None, float | None]] = field(default_factory=dict)
    lifecycles: dict[str, Lifecycle] = field(default_factory=dict)
    modes: list[dict[str, Any]] = field(default_factory=list)
    documents: dict[str, dict[str, str]] = field(default_factory=dict)

    @classmethod
    def built_in(cls) -> "Reference":
        """Returns what is in force before any record: the built-in lifecycles, no site."""
        texts = (tomllib.loads((_FOLDER / f"{name}.toml").read_text("utf-8")) for name in _BUILT_IN)
        return cls(lifecycles={text["name"]: Lifecycle.of(text) for text in texts})

    def lifecycle_for(self, key: str) -> str:
        """Returns the name of the lifecycle that claims a unit with the longest beginning."""
        best, best_length = _BUILT_IN[0], -1
        for name, lifecycle in self.lifecycles.items():
            for beginning in lifecycle.applies_to:
                if key.startswith(beginning) and len(beginning) > best_length:
                    best, best_length = name, len(beginning)
        return best

    def distance_km(self, one: str, other: str) -> float | None:
        """Returns the great-circle distance of two sites; None where a place is not known."""
        here, there = self.sites.get(one, (None, None)), self.sites.get(other, (None, None))
        if here[0] is None or here[1] is None or there[0] is None or there[1] is None:
            return None
        return _great_circle_km(here[0], here[1], there[0], there[1])

    def outcome_of(self, rule: str, key: str, site: str) -> str:
        """Returns what comes of a rule that a unit breaks at a site."""
        return outcome_of(self.modes, rule, key, site)

    def load_modes(self, content: str) -> str:
        """Take a whole table of modes; returns why not, or an empty text."""
        try:
            self.modes = modes_of(content)
        except (ValueError, KeyError, TypeError):
            return "content"
        self.version += 1
        return ""

    def load_sites(self, content: str) -> str:
        """Take a list of sites; returns why not, or an empty text."""
        try:
            loaded = {site["name"]: (site.get("latitude"), site.get("longitude")) for site in json.loads(content)}
        except (ValueError, KeyError, TypeError, AttributeError):
            return "content"
        self.sites.update(loaded)
        self.version += 1
        return ""

    def load_lifecycle(self, content: str) -> str:
        """Take a lifecycle; returns why not, or an empty text."""
        try:
            new = Lifecycle.of(json.loads(content))
        except (ValueError, KeyError, TypeError):
            return "content"
        former = self.lifecycles.get(new.name)
        if former is not None and new.states[: len(former.states)] != former.states:
            return "states"
        self.lifecycles[new.name] = new
        self.version += 1
        return ""


def _great_circle_km(latitude: float, longitude: float, to_latitude: float, to_longitude: float) -> float:
    p, q = math.radians(latitude), math.radians(to_latitude)
    half_up = math.sin((q - p) / 2)
    half_across = math.sin(math.radians(to_longitude - longitude) / 2)
    return 2 * _EARTH_RADIUS_KM * math.asin(math.sqrt(half_up**2 + math.cos(p) * math.cos(q) * half_across**2))
