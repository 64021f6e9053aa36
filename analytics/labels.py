"""The labels of one unit: the one it goes on under, and those retired for it; by look-ups, as v_labels has it."""

from datetime import datetime
from typing import Final, NamedTuple

from analytics.questions import ALWAYS, Row, as_parameter, ask
from pipeline.domain.unit_key import BadUnitKey, UnitKey, as_stored, parse
from pipeline.warehouse.client import Warehouse

_MOST_LABELS: Final = 50
"""As many as v_labels follows."""


class Labels(NamedTuple):
    """What a unit was retired for directly, None where it was not, and the labels that were retired for it directly."""

    following: str | None
    retired: list[str]


def labels_known(warehouse: Warehouse, unit: str, known: datetime) -> Labels:
    """Return a unit's labels as they were known at a time."""
    rows = _told(warehouse, [unit], known)
    following = next((str(row["unit_key"]) for row in rows if row["label"] == unit), None)
    return Labels(following, [str(row["label"]) for row in rows if row["unit_key"] == unit])


def present_unit(warehouse: Warehouse, unit: str, known: datetime = ALWAYS) -> str:
    """Return the key under which a unit goes on, now or as known at a time; its own where no label was retired."""
    seen = {unit}
    while len(seen) <= _MOST_LABELS:
        following = _following(warehouse, unit, known)
        if following is None or following in seen:
            break
        unit = following
        seen.add(unit)
    return unit


def _following(warehouse: Warehouse, unit: str, known: datetime) -> str | None:
    if known != ALWAYS:
        return labels_known(warehouse, unit, known).following
    found = standing_now(warehouse, as_stored(unit))
    return str(found["alias_of"]) if found and found["alias_of"] is not None else None


def standing_now(warehouse: Warehouse, key: UnitKey) -> Row | None:
    """Return the row of `queries/unit_standing.sql`; None where the ledger keeps nothing of the unit."""
    found = ask(warehouse, "unit_standing", item=key.item, serial=key.serial)
    return found[0] if found else None


def standing(warehouse: Warehouse, key: UnitKey) -> Row | None:
    """Return a unit as it stands now, None where the ledger remembers nothing of it.

    Shape: the row of `queries/unit_standing.sql`, and `labels`: those retired for the unit through all labels between.
    """
    found = standing_now(warehouse, key)
    if found is None:
        return None
    return found | {"labels": sorted(all_labels(warehouse, key.text)[1:])}


def all_labels(warehouse: Warehouse, unit: str, known: datetime = ALWAYS) -> list[str]:
    """Return a unit's key and every label that was retired for it, through all labels between, now or as known then."""
    labels, newest = [unit], [unit]
    for _ in range(_MOST_LABELS):
        newest = [label for label in _retired(warehouse, newest, known) if label not in labels]
        if not newest:
            break
        labels += newest
    return labels


def _retired(warehouse: Warehouse, units: list[str], known: datetime) -> list[str]:
    if known == ALWAYS:
        return [str(row["label"]) for row in ask(warehouse, "labels_retired", units=units)]
    rows = _told(warehouse, units, known)
    return [str(row["label"]) for row in rows if row["unit_key"] in units]


def _told(warehouse: Warehouse, units: list[str], known: datetime) -> list[Row]:
    """Return the labels retired as known at a time; what a site named that is no unit's key retires none."""
    rows = ask(warehouse, "labels_known", units=units, known=as_parameter(known))
    return [row for row in rows if _is_key(str(row["unit_key"]))]


def _is_key(text: str) -> bool:
    try:
        parse(text)
    except BadUnitKey:
        return False
    return True
