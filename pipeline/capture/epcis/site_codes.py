"""The codes of sites that are in force: what EPCIS events call a site, from the site tables that were loaded."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import orjson

from pipeline.capture.epcis.things import code_of
from pipeline.warehouse.client import Warehouse

_LOADED: Final = """
SELECT content FROM acts WHERE kind = 'SITES' AND result = 'APPLIED' AND partition = 0 ORDER BY ordinal
"""
_FRESH_SECONDS: Final = 1.0


def read_site_codes(warehouse: Warehouse) -> dict[str, str]:
    """Return the site of each code; a site that was loaded again has the codes of the last time.

    Raises: WarehouseDown where ClickHouse does not answer: without them a GLN would be another site.
    """
    return codes_in(orjson.loads(content) for (content,) in warehouse.query_rows(_LOADED))


def codes_in(loads: Iterable[Iterable[Mapping[str, Any]]]) -> dict[str, str]:
    """Return the site of each code after these loads, one after another."""
    codes_of_site: dict[str, list[str]] = {}
    for rows in loads:
        for row in rows:
            codes_of_site[row["name"]] = list(row.get("codes") or ())
    return {code_of(code): site for site, codes in codes_of_site.items() for code in codes}


class SiteCodes:
    """The codes as a process that runs for long knows them: asked for again after a second."""

    def __init__(self, read: Callable[[], dict[str, str]], clock: Callable[[], float] = time.monotonic) -> None:
        self._read, self._clock = read, clock
        self._codes: dict[str, str] = {}
        self._until = float("-inf")

    def now(self) -> dict[str, str]:
        """Return the codes in force; raises as `read_site_codes`."""
        if self._clock() >= self._until:
            self._codes = self._read()
            self._until = self._clock() + _FRESH_SECONDS
        return self._codes
