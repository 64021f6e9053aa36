"""The labels of one unit: the one it goes on under, and those retired for it; by look-ups, as v_labels has it."""

from typing import Final

from analytics.questions import ask
from pipeline.domain.unit_key import parse
from pipeline.warehouse.client import Warehouse

_MOST_LABELS: Final = 50
"""As many as v_labels follows."""


def present_unit(warehouse: Warehouse, unit: str) -> str:
    """Return the key under which a unit goes on now, its own where no label was retired."""
    seen = {unit}
    while len(seen) <= _MOST_LABELS:
        key = parse(unit)
        found = ask(warehouse, "unit_standing", item=key.item, serial=key.serial)
        following = found[0]["alias_of"] if found else None
        if following is None or following in seen:
            break
        unit = str(following)
        seen.add(unit)
    return unit


def all_labels(warehouse: Warehouse, unit: str) -> list[str]:
    """Return a unit's key and every label that was retired for it, through all labels between."""
    labels, newest = [unit], [unit]
    for _ in range(_MOST_LABELS):
        newest = [row["label"] for row in ask(warehouse, "labels_retired", units=newest)]
        newest = [label for label in newest if label not in labels]
        if not newest:
            break
        labels += newest
    return labels
