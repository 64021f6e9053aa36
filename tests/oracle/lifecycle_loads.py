"""Lifecycles as loads bring them: other windows, one more state, and one that is no extension of what it replaces."""

import json
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).resolve().parents[2] / "schemas" / "lifecycles"


@cache
def lifecycle_texts() -> tuple[tuple[str, str, bool], ...]:
    """Returns name, JSON and whether it may replace what is in force, of loads in any order."""
    retail = tomllib.loads((_FOLDER / "retail.toml").read_text("utf-8"))
    asset = tomllib.loads((_FOLDER / "asset.toml").read_text("utf-8"))
    pharma = {**retail, "name": "pharma", "applies_to": ["gtin:"], "double_scan_ms": 1000}
    loads = [
        (_longer(retail, double_scan_ms=60_000, travel_over_km=10), True),
        (_longer(retail, travel_km_per_h=10_000), True),
        (_longer(asset, travel_allowance_minutes=0), True),
        (pharma, True),
        ({**retail, "states": ["ELSEWHERE", *retail["states"]]}, False),
    ]
    return tuple((str(load["name"]), json.dumps(load), is_extension) for load, is_extension in loads)


def _longer(lifecycle: dict[str, Any], **windows: float) -> dict[str, Any]:
    """Returns the lifecycle with a state LOST, which every OBSERVE of a held unit leads to."""
    states = [*lifecycle["states"], "LOST"]
    transitions = lifecycle["transitions"] | {"LOST": {"RECEIVE": "HELD", "RETIRE": "RETIRED"}}
    transitions |= {"HELD": lifecycle["transitions"]["HELD"] | {"OBSERVE": "LOST"}}
    return {**lifecycle, **windows, "states": states, "transitions": transitions}
