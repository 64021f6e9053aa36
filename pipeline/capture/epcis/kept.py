"""What is kept of captured events, asked for: the table `epcis_events`, the newest of each identity."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from pipeline.warehouse.client import Warehouse

_EPCS: Final = """
SELECT identity, epcs FROM epcis_events FINAL WHERE kind = 'EVENT' AND identity IN {identities:Array(String)}
"""


def epcs_of_kept(warehouse: Warehouse, identities: Collection[str]) -> Mapping[str, Collection[str]]:
    """Return the EPCs, as canonical Digital Links, of the events of these identities that are kept."""
    if not identities:
        return {}
    rows = warehouse.query_rows(_EPCS, {"identities": list(identities)})
    return {identity: set(epcs) for identity, epcs in rows}
