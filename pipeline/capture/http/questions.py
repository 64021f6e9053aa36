"""What the HTTP way in asks the warehouse: the questions are SQL outside of `pipeline`, handed in where it starts.

Each may raise WarehouseDown, WarehouseRefused or SettingsWrong. Rows are dicts by column; times are UTC and know it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from pipeline.domain.unit_key import UnitKey

Row = dict[str, Any]


class Asked(NamedTuple):
    """A receipt asked about: its id, and when it was made, in milliseconds since 1970."""

    receipt: str
    created_ms: int


class Warranty(NamedTuple):
    """A warranty: how many days, since when (None: not sold yet), and the unit it was handed on from, if any."""

    days: int
    since: datetime | None
    handed_on_from: str | None


class Cursor(NamedTuple):
    """Where a page of a unit's history begins: before this time and ordinal."""

    before_ms: int
    before_ordinal: int


class Questions(Protocol):
    """The questions; called from several threads."""

    def counts(self, asked: Asked) -> dict[str, int]:
        """Return how many scans of a receipt came to each outcome."""

    def scans(self, asked: Asked, after: int, most: int) -> list[Row]:
        """Return decided scans of a receipt behind the place `after`, in its order."""

    def dead_letters(self, asked: Asked) -> list[Row]:
        """Return the records of a receipt that the worker could not read."""

    def repeated(self, verdict: Row) -> Row | None:
        """Return what is now held of the scan that a REPEATED one repeats, None while it is not written yet."""

    def expected(self, document: str) -> frozenset[str]:
        """Return the keys of the units that a document expects."""

    def answered(self, document: str, step: str, units: Sequence[str]) -> frozenset[str]:
        """Return which of some units were scanned under a document by a step, and the scan was applied."""

    def unit(self, key: UnitKey) -> Row | None:
        """Return a unit as it stands, None where the ledger keeps nothing of it."""

    def alerts(self, key: UnitKey) -> list[Row]:
        """Return a unit's open and acknowledged alerts."""

    def history(self, key: UnitKey, cursor: Cursor, most: int) -> list[Row]:
        """Return what was seen of a unit, the newest first."""

    def warranty(self, key: UnitKey, unit: Row) -> Warranty | None:
        """Return the warranty of a unit as it stands, None where its lifecycle gives none."""
