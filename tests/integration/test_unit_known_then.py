"""What the unit page says was known then is what the ledger kept then: its state after each prefix of the log."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from analytics.console.units.picture import picture
from pipeline.domain.unit_key import parse
from pipeline.ledger.outputs import OWN_KEYS
from pipeline.warehouse.client import Warehouse
from pipeline.wire.schemas import decode, encode
from tests.folded_ledger import FoldedLedger
from tests.oracle.arrivals import RECEIVED_AT, a_site_load
from tests.oracle.generate import seeded_history

BEGAN = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=RECEIVED_AT)
STEP = timedelta(seconds=1)
COMPARED = ("state", "site", "last_event_time", "commissioned_at", "shipped_at", "sold_at", "returned_at", "failed_at")
Unit = dict[str, Any]


def kept_units(ledger: FoldedLedger) -> dict[str, Unit]:
    """Returns the units as the ledger keeps them now."""
    records = ledger._memory.records  # noqa: SLF001  its memory is what is compared with
    return {key.decode(): decode(value)[1] for key, value in records.items() if not key.startswith(OWN_KEYS)}


def plain(unit: Unit) -> Unit:
    """Returns what is compared, times as milliseconds."""
    return {
        name: round(value.timestamp() * 1000) if isinstance(value, datetime) else value
        for name, value in unit.items()
        if name in COMPARED
    }


@pytest.mark.parametrize("seed", [3, 11])
def test_what_was_known_then_is_what_the_ledger_kept_then(warehouse: Warehouse, seed: int) -> None:
    ledger = FoldedLedger(warehouse)
    ledger.internal(a_site_load().record, RECEIVED_AT)
    told = [one for one in seeded_history(seed, 110) if one.is_scan and not one.is_derived and one.key is not None]
    moments = []
    for place, arrival in enumerate(told, start=1):
        when = BEGAN + place * STEP
        ledger.scans([arrival.key or b""], [encode("scan", arrival.record)], [round(when.timestamp() * 1000)])
        moments.append((when, kept_units(ledger)))
    compared = 0
    for when, units in moments[::9] + moments[-1:]:
        for key, unit in units.items():
            if unit["state"] == "NONE":
                continue
            then = picture(warehouse, parse(key), when).standing
            assert then is not None, (key, when)
            assert plain(then) == plain(unit), (key, when)
            compared += 1
    assert compared > 40
    assert any(revised for (revised,) in warehouse.query_rows("SELECT count() FROM unit_revisions"))
