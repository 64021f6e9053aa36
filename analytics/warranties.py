"""The warranty of one unit: its own, or that of the unit it stands in for."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from analytics.labels import all_labels, present_unit
from analytics.lifecycles import ending_steps, lifecycles_in_force
from analytics.questions import ALWAYS, Row, as_parameter, ask
from pipeline.domain.unit_key import UnitKey, as_stored
from pipeline.warehouse.client import Warehouse

_MOST_REPLACEMENTS: Final = 50


class Warranty(NamedTuple):
    """A warranty: how many days, since when (None: not sold yet), and the unit it was handed on from, if any."""

    days: int
    since: datetime | None
    handed_on_from: str | None

    @property
    def until(self) -> datetime | None:
        """When it ends; the last time there is where that is beyond it, for a site may claim any time."""
        if self.since is None:
            return None
        try:
            return self.since + timedelta(days=self.days)
        except OverflowError:
            return datetime.max.replace(tzinfo=UTC)


def warranty_of(
    warehouse: Warehouse, key: UnitKey, unit: Row, known: datetime = ALWAYS, *, is_alone: bool = False
) -> Warranty | None:
    """Return the warranty of a unit as it stands, or as was known at a time; None where its lifecycle gives none.

    A unit that replaces another has that one's, through as many replacements as v_warranties follows; a retired label
    has that of the unit it was retired for, by the labels that were known then.

    Args:
        warehouse: The ledger's.
        key: The unit.
        unit: Its lifecycle and when it was sold, as a row of `unit_standing` has them.
        known: Only what had been received by then.
        is_alone: It is known that the unit has no other label and replaces none: nothing is looked for then.
    """
    lifecycle = lifecycles_in_force(warehouse, known).get(unit["lifecycle"])
    if lifecycle is None or not lifecycle.warranty_days:
        return None
    if is_alone:
        return Warranty(lifecycle.warranty_days, unit["sold_at"], None)
    own = present_unit(warehouse, key.text, known)
    first = _first_unit(warehouse, own, known)
    ending = ending_steps(lifecycle)
    sold_at = unit["sold_at"] if own == key.text else _sold_at(warehouse, own, ending, known)
    since = sold_at if first == own else _sold_at(warehouse, first, ending, known) or sold_at
    return Warranty(lifecycle.warranty_days, since, first if first != own else None)


def _first_unit(warehouse: Warehouse, unit: str, known: datetime) -> str:
    """Return the unit that one stands in for through all replacements, itself where it replaces none."""
    seen = {unit}
    while len(seen) <= _MOST_REPLACEMENTS:
        labels = all_labels(warehouse, unit, known)
        replaced = ask(warehouse, "unit_replaced", labels=labels, known=as_parameter(known))
        before = present_unit(warehouse, replaced[0]["unit_key"], known) if replaced else unit
        if before in seen:
            break
        unit = before
        seen.add(unit)
    return unit


def _sold_at(warehouse: Warehouse, unit: str, ending: list[str], known: datetime) -> Any:  # noqa: ANN401  a time or None
    key = as_stored(unit)
    named = {"item": key.item, "serial": key.serial}
    if known == ALWAYS:
        found = ask(warehouse, "unit_standing", **named)
    else:
        found = ask(warehouse, "unit_known_state", **named, known=as_parameter(known), ending_steps=ending)
    return found[0]["sold_at"] if found else None
