"""What the oracle made of a history, as rows of a ledger's tables: a ledger that the rules could have written."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.ledger_rows import LedgerRows, Row
from tests.oracle.arrivals import Arrival, play

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SCAN = (
    "scan_id", "item", "serial", "step", "event_time", "capture_time", "site", "destination", "reader", "document",
    "container", "other_unit", "origin", "corrects", "source",
)  # fmt: skip
_TIMES = (
    "event_time", "capture_time", "received_at", "previous_event_time", "last_event_time", "commissioned_at",
    "shipped_at", "sold_at", "returned_at", "failed_at",
)  # fmt: skip
_DECISION = (
    "outcome", "reason", "state_before", "state_after", "sequence", "previous_site", "previous_event_time",
    "commissioned_at", "shipped_at", "sold_at", "returned_at", "failed_at", "received_at", "ordinal",
    "reference_version",
)  # fmt: skip
_UNIT = (
    "item", "serial", "sequence", "lifecycle", "state", "site", "last_event_time", "commissioned_at", "shipped_at",
    "sold_at", "returned_at", "failed_at", "lot", "applied", "rejected", "open_alerts", "ordinal", "alias_of",
)  # fmt: skip


def put_played(ledger: LedgerRows, arrivals: Iterable[Arrival], partition: int) -> None:
    """Insert the verdicts, revisions and units that the oracle makes of a history, into a partition of its own."""
    told = list(arrivals)
    oracle = play(told)
    events = [
        _row(scan.record, _SCAN) | _row(decided, (*_DECISION, "lot")) | {"scan_lot": scan.record["lot"], "offset": 0}
        for ordinal, scan in enumerate(told, start=1)
        if (decided := oracle.decisions.get(ordinal))
    ]
    revisions = [_row(revised, (*_DECISION, "item", "serial", "caused_by", "n")) for revised in oracle.revisions]
    units = [
        _row(unit, _UNIT) | {"unit_key": key, "version": 2, "alerts": [], "fold": ""}
        for key, unit in oracle.units.items()
    ]
    place = {"partition": partition}
    for table, rows in (("unit_events", events), ("unit_revisions", revisions)):
        _insert(ledger, table, (row | place | {"rules_version": "r"} for row in rows))
    _insert(ledger, "unit_state", (row | place for row in units))


def _insert(ledger: LedgerRows, table: str, rows: Iterator[Row]) -> None:
    if some := list(rows):
        ledger.insert(table, *some)


def _row(record: dict[str, Any], names: Iterable[str]) -> Row:
    return {name: _time(record[name]) if name in _TIMES else record[name] for name in names}


def _time(milliseconds: int | None) -> str | None:
    """Return a time as ClickHouse takes it; one before 1970, which no ledger applies, as its first moment."""
    if milliseconds is None:
        return None
    return (_EPOCH + timedelta(milliseconds=max(milliseconds, 0))).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
