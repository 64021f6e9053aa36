"""A scenario's outcome as text, so that what came of it and what should have can be compared line by line."""

from collections.abc import Iterable, Mapping
from typing import Any

from tests.oracle.oracle import unit_key_of
from tests.oracle.rules import Record
from tests.oracle.scenario import Scenario, label_of


def told_of(record: Record, expect: str) -> str:
    """Returns a decision or an act in the words of an expectation, with the state after it where that is asked."""
    if "result" in record:
        return f"{record['result']} {record['reason']}"
    words = f"{record['outcome']} {record['reason']}"
    return f"{words} -> {record['state_after']}" if " -> " in expect else words


def told_of_revisions(revisions: Iterable[Record]) -> list[str]:
    """Returns revisions in the words of a scenario."""
    return [
        f"{label_of(one['ordinal'])} {one['outcome']} {one['reason']} by {label_of(one['caused_by'])}"
        for one in revisions
    ]


def told_of_alerts(alerts: Iterable[Record]) -> list[str]:
    """Returns alerts in the words of a scenario."""
    return [
        f"{label_of(one['ordinal'])} {one['kind']} {one['event']} {one['opening']} count {one['count']}"
        for one in alerts
    ]


def told_of_unit(units: Mapping[str, Record], scenario: Scenario) -> dict[str, Any] | None:
    """Returns the fields the scenario asks of its first line's unit; None where it asks none."""
    if scenario.unit is None:
        return None
    first = next(line.arrival for line in scenario.lines if line.arrival.is_scan)
    summary = units[unit_key_of(first.record)]
    return {name: summary[name] for name in scenario.unit}
