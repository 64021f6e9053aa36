"""The pages of the console, in the order of the navigation: a module each, with ENTRIES and router(desk).

These modules do without `from __future__ import annotations`: routes' annotations name `desk`, and FastAPI reads them.
"""

from collections.abc import Sequence
from typing import Final, Protocol

from fastapi import APIRouter

from analytics.console.desk import Desk
from analytics.console.pages import (
    alerts,
    causes,
    documents,
    erp,
    health,
    now,
    rates,
    recalls,
    reports,
    returns,
    several_alerts,
    sign_in,
    sites,
    unit,
    users,
)
from analytics.console.rendering import Entry


class Page(Protocol):
    """A module of this package."""

    @property
    def ENTRIES(self) -> Sequence[Entry]:  # noqa: N802  a constant of the module
        """Its places in the navigation."""

    def router(self, desk: Desk) -> APIRouter:
        """Return its routes."""


PAGES: Final[tuple[Page, ...]] = (
    now, alerts, several_alerts, health, unit, sites, recalls, documents, rates, returns, causes, erp, reports, users,
    sign_in,
)  # fmt: skip
