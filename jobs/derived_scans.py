"""Scans that the ledger derives for what is in containers: they come a moment after the container's own."""

import time
from typing import NamedTuple

from analytics.questions import ask
from pipeline.warehouse.client import Warehouse

_LOOK_SECONDS = 0.1


class DerivedScans(NamedTuple):
    """How many there are: those of what is in containers that are accepted, and all."""

    accepted: int
    all: int


def count_derived(warehouse: Warehouse) -> DerivedScans:
    """Count the derived scans that are in ClickHouse, by newest decision."""
    rows = ask(warehouse, "derived_scans")
    accepted = (row["scans"] for row in rows if row["is_of_container"] and row["outcome"] == "ACCEPTED")
    return DerivedScans(sum(accepted), sum(row["scans"] for row in rows))


def wait_until_derived(warehouse: Warehouse, due: int, seconds: float) -> None:
    """Return when so many are accepted in ClickHouse, or after so many seconds: whoever asks for them sees which."""
    deadline = time.monotonic() + seconds
    while count_derived(warehouse).accepted < due and time.monotonic() < deadline:
        time.sleep(_LOOK_SECONDS)
