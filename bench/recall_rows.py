"""The genealogy of the benchmark, made in ClickHouse: levels of units, each unit built into one of the level above."""

from typing import Final

from pipeline.warehouse.client import Warehouse

LEVELS: Final = 5
_ACROSS: Final = 7919
"""Prime to the size of a level, so that parts and products lie far from each other."""
_STATE: Final = """
INSERT INTO unit_state (
    unit_key, version, sequence, item, serial, lifecycle, state, site, last_event_time, commissioned_at, lot, parent,
    applied, rejected, open_alerts, partition, ordinal, fold
)
SELECT
    concat({item:String}, '/', leftPad(toString(number), 8, '0')), 2, 2, {item:String},
    leftPad(toString(number), 8, '0'), 'retail', {state:String}, concat('site-', toString(number % 50)),
    toDateTime64('2024-03-01 00:00:00', 3, 'UTC') + number % 1000,
    toDateTime64('2024-01-01 00:00:00', 3, 'UTC') + number, concat('L', toString(intDiv(number, 10000))),
    if({is_part:UInt8},
        concat({above:String}, '/', leftPad(toString((number * {across:UInt64} + 13) % {size:UInt64}), 8, '0')),
        NULL),
    2, 0, 0, number % 4, {from:UInt64} + number, ''
FROM numbers({size:UInt64})
"""
_EVENTS: Final = """
INSERT INTO unit_events (
    scan_id, item, serial, step, event_time, capture_time, site, other_unit, origin, outcome, reason, state_before,
    state_after, sequence, rules_version, reference_version, received_at, topic, partition, offset, ordinal
)
SELECT
    concat('scan-', toString(number)), {item:String}, leftPad(toString(number), 8, '0'), {step:String},
    toDateTime64({at:String}, 3, 'UTC') + number % 1000, toDateTime64({at:String}, 3, 'UTC'),
    concat('site-', toString(number % 50)),
    if({step:String} = 'INSTALL',
        concat({above:String}, '/', leftPad(toString((number * {across:UInt64} + 13) % {size:UInt64}), 8, '0')), NULL),
    'DEVICE', 'ACCEPTED', 'NONE', 'NONE', 'COMMISSIONED', 1, 'r', 1, toDateTime64({at:String}, 3, 'UTC'), 'scans',
    number % 4, number, {from:UInt64} + number
FROM numbers({size:UInt64})
"""


def fill(warehouse: Warehouse, size: int) -> None:
    """Make LEVELS edges of `size` units each, (LEVELS + 1) * size units, a COMMISSION each and an INSTALL per edge."""
    for level in range(LEVELS + 1):
        is_part = level < LEVELS
        named = {"item": item_of(level), "above": item_of(level + 1), "size": size, "across": _ACROSS}
        state = "INSTALLED" if is_part else "SOLD"
        warehouse.command(_STATE, named | {"state": state, "is_part": int(is_part), "from": level * size})
        steps = (("COMMISSION", "2024-01-01 00:00:00"), ("INSTALL", "2024-03-01 00:00:00"))[: 1 + is_part]
        for turn, (step, at) in enumerate(steps):
            told = {"step": step, "at": at, "from": (2 * level + turn) * size}
            warehouse.command(_EVENTS, named | told)


def item_of(level: int) -> str:
    """Return the item of the units of a level."""
    return f"sku:ACME/LEVEL-{level}"
