"""Many units in the warehouse that no worker has to know: made by ClickHouse itself, four scans each.

They are in a partition of their own, which no worker or sink has, with an ordinal for each row.
"""

from typing import Final

from pipeline.warehouse.client import Warehouse

SCANS_EACH: Final = 4
_CHUNK: Final = 500_000
_PARTITION: Final = 1_000
_ITEMS: Final = 1_000
_EVENTS: Final = f"""
INSERT INTO unit_events
(
    scan_id, item, serial, step, event_time, capture_time, site, destination, reader, document, origin, attributes,
    outcome, reason, state_before, state_after, sequence, commissioned_at, shipped_at, sold_at, lot, rules_version,
    reference_version, received_at, topic, `partition`, offset, ordinal
)
SELECT
    concat('fill-', toString(number)),
    concat('sku:BENCH/FILL-', toString(intDiv(number, {SCANS_EACH}) % {_ITEMS})),
    toString(intDiv(number, {SCANS_EACH})),
    ['COMMISSION', 'SHIP', 'RECEIVE', 'SELL'][turn + 1],
    toDateTime64('2024-01-01 00:00:00', 3, 'UTC') + intDiv(number, {SCANS_EACH}) % 8000000 + turn * 86400 AS at,
    at,
    ['plant', 'plant', 'shop', 'shop'][turn + 1],
    if(turn = 1, 'shop', NULL),
    concat('r', toString(number % 20)),
    if(turn = 1, concat('asn:', toString(intDiv(number, 400))), NULL),
    'DEVICE',
    [],
    'ACCEPTED',
    'NONE',
    ['NONE', 'COMMISSIONED', 'IN_TRANSIT', 'RECEIVED'][turn + 1],
    ['COMMISSIONED', 'IN_TRANSIT', 'RECEIVED', 'SOLD'][turn + 1],
    turn + 1,
    at - turn * 86400,
    if(turn > 0, at - (turn - 1) * 86400, NULL),
    if(turn > 2, at, NULL),
    concat('L', toString(intDiv(number, 40000))),
    'bench',
    1,
    at + 5,
    'scans',
    {_PARTITION},
    number,
    number + 1
FROM
(
    SELECT number, number % {SCANS_EACH} AS turn
    FROM numbers({{first:UInt64}} * {SCANS_EACH}, {{count:UInt64}} * {SCANS_EACH})
)
"""
_UNITS: Final = f"""
INSERT INTO unit_state
(
    unit_key, version, sequence, item, serial, lifecycle, state, site, custody, last_event_time, commissioned_at,
    sold_at, lot, applied, rejected, open_alerts, alerts, `partition`, ordinal, fold
)
SELECT
    concat(item, '/', toString(number)), 1, {SCANS_EACH},
    concat('sku:BENCH/FILL-', toString(number % {_ITEMS})) AS item, toString(number), 'retail', 'SOLD', 'shop', NULL,
    at + 3 * 86400, at, at + 3 * 86400, concat('L', toString(intDiv(number, 10000))), {SCANS_EACH}, 0, 0, [],
    {_PARTITION}, number * {SCANS_EACH} + {SCANS_EACH}, repeat('x', 150)
FROM
(
    SELECT number, toDateTime64('2024-01-01 00:00:00', 3, 'UTC') + number % 8000000 AS at
    FROM numbers({{first:UInt64}}, {{count:UInt64}})
)
"""
_REVISIONS: Final = f"""
INSERT INTO unit_revisions
(
    item, serial, `partition`, ordinal, caused_by, n, outcome, reason, state_before, state_after, sequence,
    rules_version, reference_version, received_at
)
SELECT
    concat('sku:BENCH/FILL-', toString(number % {_ITEMS})), toString(number), {_PARTITION}, number * {SCANS_EACH} + 2,
    number * {SCANS_EACH} + 4, 0, 'ACCEPTED', 'NONE', 'COMMISSIONED', 'IN_TRANSIT', 5, 'bench', 1,
    toDateTime64('2024-06-01 00:00:00', 3, 'UTC')
FROM numbers({{first:UInt64}}, {{count:UInt64}})
WHERE number % 100 = 0
"""


def fill(warehouse: Warehouse, units: int) -> None:
    """Make so many units, each sold, one of a hundred with a decision that was changed."""
    for first in range(0, units, _CHUNK):
        span = {"first": first, "count": min(_CHUNK, units - first)}
        for statement in (_EVENTS, _UNITS, _REVISIONS):
            warehouse.command(statement, span, max_partitions_per_insert_block=0)


def key_of(number: int) -> str:
    """Return the key of one of them."""
    return f"sku:BENCH/FILL-{number % _ITEMS}/{number}"
