"""What a question cannot know: rows removed on record, said beside its answer."""

from jobs.output import note
from pipeline.warehouse.client import Warehouse
from pipeline.warehouse.retention import removals


def say_removed(warehouse: Warehouse) -> None:
    """Say since when the tables go back, where something was removed from them."""
    found = removals(warehouse)
    if found:
        before = max(one.before for one in found.values())
        note(f"What was received before {before:%Y-%m-%d} was removed, on record: this starts after it.")
