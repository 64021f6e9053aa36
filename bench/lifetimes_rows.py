"""Units and their scans as a company's ledger has them after some years, made in ClickHouse: most of them sold once.

Half of the items number their units one after another, half at random. Of 1,000 units 25 fail, 30 are returned and 3
of these sold again, 20 are read twice, 10 retired; the last made are not sold yet. One in 1,000 has a revised scan.
"""

from typing import Final, NamedTuple

from pipeline.warehouse.client import Warehouse


class Turn(NamedTuple):
    """One scan in a unit's life, from one state to another: of how many units, which days after the unit was made.

    `draw` is what the chance depends on: of two turns with the same, the rarer happens to units of the other.
    """

    step: str
    before: str
    after: str
    earliest: int
    latest: int
    per_1000: int = 1000
    draw: str = ""
    outcome: str = "ACCEPTED"


TURNS: Final = (
    Turn("COMMISSION", "NONE", "COMMISSIONED", 0, 0),
    Turn("SHIP", "COMMISSIONED", "IN_TRANSIT", 2, 6),
    Turn("RECEIVE", "IN_TRANSIT", "RECEIVED", 8, 14),
    Turn("RECEIVE", "RECEIVED", "RECEIVED", 14, 15, 20, "read twice", "REPEATED"),
    Turn("SELL", "RECEIVED", "SOLD", 20, 80),
    Turn("RETURN", "SOLD", "RETURNED", 90, 150, 30, "returned"),
    Turn("SELL", "RETURNED", "SOLD", 160, 200, 3, "returned"),
    Turn("OBSERVE", "SOLD", "SOLD", 210, 500, 40, "seen"),
    Turn("FAIL", "SOLD", "FAILED", 100, 700, 25, "failed"),
    Turn("RETIRE", "SOLD", "RETIRED", 710, 900, 10, "retired"),
)
_SOLD: Final = 4
_ITEMS: Final = 300
_DAYS: Final = 1_000
"""In so many days from 2021-09-01 on the units are made; the ledger ends some weeks later."""
_CHUNK: Final = 1_000_000
_SHARES: Final = 16
"""In so many parts the states come, each of units from all of the ledger, as from a sink."""

_MOMENT: Final = "made + {earliest} * 86400 + cityHash64(number, {turn}) % greatest(({latest} - {earliest}) * 86400, 1)"
_EVENTS: Final = f"""
INSERT INTO unit_events (
    scan_id, item, serial, step, event_time, capture_time, site, reader, origin, outcome, reason, state_before,
    state_after, sequence, commissioned_at, sold_at, lot, rules_version, reference_version, received_at, topic,
    `partition`, offset, ordinal
)
SELECT
    concat('scan-', toString(ordinal)), item, serial, {{step:String}}, at, at,
    concat('site-', toString(cityHash64(number, {{step:String}}) % 80)), concat('r', toString(number % 20)), 'DEVICE',
    {{outcome:String}}, if({{outcome:String}} = 'REPEATED', 'DOUBLE_SCAN', 'NONE'), {{before:String}}, {{after:String}},
    {{turn:UInt64}} + 1, made,
    multiIf({{turn:UInt64}} < {_SOLD}, NULL, {{step:String}} = 'SELL', at, {
    _MOMENT.format(earliest=TURNS[_SOLD].earliest, latest=TURNS[_SOLD].latest, turn=_SOLD)
}),
    lot, 'r', 1, at + 5, 'scans', number % 4, number, {{turn:UInt64}} * {{units:UInt64}} + number + 1 AS ordinal
FROM (
    SELECT
        number,
        toUInt32({_ITEMS} * pow(cityHash64(number, 'item') / pow(2, 64), 2)) AS item_number,
        concat('sku:ACME/', toString(item_number)) AS item,
        if(item_number % 2 = 0, leftPad(toString(number), 10, '0'),
            hex(bitAnd(number * 11400714819323198485, 1099511627775))) AS serial,
        toDateTime64('2021-09-01 00:00:00', 3, 'UTC') + intDiv(number * {_DAYS * 86_400}, {{units:UInt64}}) AS made,
        concat('L', toString(item_number), '-', formatDateTime(made, '%y%V')) AS lot,
        {_MOMENT.format(earliest="{earliest:UInt64}", latest="{latest:UInt64}", turn="{turn:UInt64}")} AS at
    FROM numbers({{first:UInt64}}, {{count:UInt64}})
)
WHERE cityHash64(number, {{draw:String}}) % 1000 < {{per_1000:UInt64}} AND at < toDate('2024-07-01')
"""
_STATES: Final = """
INSERT INTO unit_state (
    unit_key, version, sequence, item, serial, lifecycle, state, site, last_event_time, commissioned_at, sold_at,
    returned_at, failed_at, lot, applied, rejected, open_alerts, `partition`, ordinal, fold
)
SELECT
    concat(item, '/', serial), 2, max(sequence) - {older:UInt8}, item, serial, 'retail',
    argMax(step, event_time), argMax(site, event_time), maxIf(event_time, outcome = 'ACCEPTED'), min(commissioned_at),
    maxOrNullIf(event_time, step = 'SELL'), maxOrNullIf(event_time, step = 'RETURN'),
    maxOrNullIf(event_time, step = 'FAIL'), any(lot), countIf(outcome = 'ACCEPTED'), 0, 0, any(`partition`),
    max(ordinal), ''
FROM unit_events
WHERE cityHash64(serial) % {shares:UInt64} = {share:UInt64}
GROUP BY item, serial
"""
_REVISIONS: Final = """
INSERT INTO unit_revisions (
    item, serial, `partition`, ordinal, caused_by, n, outcome, reason, state_before, state_after, sequence,
    commissioned_at, sold_at, rules_version, reference_version, received_at
)
SELECT
    item, serial, `partition`, ordinal, ordinal + 1, 0, 'FLAGGED', 'LATE', state_before, state_after, sequence + 1,
    commissioned_at, sold_at, 'r', 1, received_at
FROM unit_events
WHERE step = 'SHIP' AND ordinal % 1000 = 7
"""


def fill(warehouse: Warehouse, units: int) -> None:
    """Make the ledger of so many units: their scans in the order in which they are made, then their states."""
    for first in range(0, units, _CHUNK):
        for turn, scan in enumerate(TURNS):
            sizes = {"first": first, "count": min(_CHUNK, units - first), "units": units, "turn": turn}
            warehouse.command(_EVENTS, sizes | scan._asdict())
    for share in (0, *range(_SHARES)):
        warehouse.command(_STATES, {"share": share, "shares": _SHARES, "older": int(share == 0)})
    warehouse.command(_REVISIONS)
