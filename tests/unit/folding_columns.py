"""Scans as the columns the compiled fold takes."""

import hashlib
from collections.abc import Sequence

import numpy as np

from pipeline.domain.enforce import ASK, Scans
from pipeline.domain.scan import STEPS
from pipeline.domain.site_table import SiteTable
from pipeline.domain.unit_state import FACT, NEVER
from tests.oracle.rules import Record


def hash_of(text: str | None, bits: int = 64) -> int:
    """Returns a signed hash that is never 0; 0 for no text."""
    if text is None:
        return 0
    digest = hashlib.blake2b(text.encode(), digest_size=bits // 8).digest()
    return int.from_bytes(digest, "little", signed=True) or 1


def number_of(sites: SiteTable, name: str | None) -> int:
    """Returns a site's number, 0 for none."""
    return 0 if name is None else sites.number_of(name.encode())


def columns_of(scans: Sequence[tuple[int, Record]], units: Sequence[int], sites: SiteTable, lots: list[str]) -> Scans:
    """Returns ordinals and scans as columns; `units` gives each one's unit, `lots` collects the lots they state."""
    facts, asks = np.zeros(len(scans), FACT), np.zeros(len(scans), ASK)
    for fact, ask, (ordinal, scan), unit in zip(facts, asks, scans, units, strict=True):
        fact["step"], fact["ordinal"] = STEPS.index(scan["step"]), ordinal
        fact["site"], fact["destination"] = number_of(sites, scan["site"]), number_of(sites, scan["destination"])
        fact["reader"], fact["document"] = hash_of(scan["reader"], 32), hash_of(scan["document"], 32)
        fact["corrects"] = hash_of(scan["corrects"]) >> 32
        fact["scan_id"], fact["event_time"], fact["repeat"] = hash_of(scan["scan_id"]), scan["event_time"], NEVER
        ask["unit"], ask["corrects"] = unit, hash_of(scan["corrects"])
        ask["is_count"] = (scan["document"] or "").startswith("count:")
        ask["lot_start"], ask["lot_length"] = len(lots), -1 if scan["lot"] is None else len(scan["lot"])
        lots.append(scan["lot"] or "")
    return Scans(facts, asks)
