"""Lots that warn, as findings: one per lot and month in which the early warning raised its alarm.

Flow: `early_warnings` of the ledger -> rows of findings.

A month and not the days of an alarm: these may move by some when a day is added to what is watched, and a finding that
moved would be another one.
"""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any

from analytics.early_warnings import AskedWarnings, warnings_answer
from analytics.lifetimes import Asked
from analytics.rates import Exposure
from pipeline.warehouse.client import Warehouse

Row = dict[str, Any]


def lot_warnings(warehouse: Warehouse, *, days: int) -> list[Row]:
    """Return what the early warning has found in the last months: of lots in service, by age since the sale.

    Args:
        warehouse: The ledger's.
        days: Months that began so long before the newest scan, or later, are meant; a year is watched.

    Shape: one row per lot and month: subject, window_from, window_to, window_name, site_name, evidence.
    """
    answer = warnings_answer(warehouse, AskedWarnings(Asked(exposure=Exposure.IN_SERVICE)))
    if answer["data_end"] is None:
        return []
    first = datetime.fromisoformat(answer["data_end"]).date() - timedelta(days=days)
    alarms = sorted(answer["warnings"], key=_lot_and_month)
    return [_row(list(same)) for (*_, month), same in groupby(alarms, key=_lot_and_month) if month >= first]


def _lot_and_month(alarm: Row) -> tuple[str, str, date]:
    return alarm["item"], alarm["lot"], date.fromisoformat(alarm["warned"]).replace(day=1)


def _row(alarms: Sequence[Row]) -> Row:
    """Return the finding of one lot's alarms in one month."""
    item, lot, month = _lot_and_month(alarms[0])
    told = {
        "item": item, "lot": lot, "alarms": len(alarms), "began": min(alarm["began"] for alarm in alarms),
        "warned": max(alarm["warned"] for alarm in alarms), "failures": sum(alarm["failures"] for alarm in alarms),
        "expected": round(sum(alarm["expected"] for alarm in alarms), 2),
    }  # fmt: skip
    return {
        "subject": f"lot:{item}/{lot}", "window_from": _milliseconds(month),
        "window_to": _milliseconds((month + timedelta(days=31)).replace(day=1)) - 1, "window_name": "",
        "site_name": "", "evidence": json.dumps(told),
    }  # fmt: skip


def _milliseconds(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)
