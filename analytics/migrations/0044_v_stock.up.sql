-- Where every unit is: its state and site, since when it is there, when it was moved last and seen last.
-- Grain: one row per unit of an item with an applied scan; units without an item (containers, places) are none.
-- Site: that of its last applied scan. arrived_at: when it last came to be on hand at that site, by a scan from another
--   site or from a state that is not on hand; moved_at: its last scan that changed state or site (a COUNT or INSPECT changes neither).
-- Denominator: units; `whereabouts` says which are on hand.
-- Late data: newest decisions; scans after the end of the ledger (v_ledger_end) are ignored.
CREATE VIEW IF NOT EXISTS v_stock AS
WITH scans AS (
    SELECT
        unit_key,
        item,
        serial,
        coalesce(toString(lot), '') AS stated_lot,
        toString(site) AS scanned_at,
        toString(state_after) AS state_then,
        whereabouts_after,
        event_time,
        (event_time, step IN ('FAIL', 'RETIRE', 'DESTROY'), ordinal) AS place,
        site != coalesce(previous_site, '') AS is_elsewhere,
        state_before != state_after OR is_elsewhere AS is_move,
        whereabouts_after = 'ON_HAND' AND (whereabouts_before != 'ON_HAND' OR is_elsewhere) AS is_arrival
    FROM v_life_events
    WHERE
        outcome IN ('ACCEPTED', 'FLAGGED') AND step != 'VOID' AND item != ''
        AND event_time <= (SELECT assumeNotNull(data_end) FROM v_ledger_end)
),

units AS (
    SELECT
        any(unit_key) AS unit_key,
        item,
        serial,
        argMax((stated_lot, scanned_at, state_then, whereabouts_after), place) AS now,
        maxOrNullIf(event_time, is_arrival) AS arrived_at,
        maxOrNullIf(event_time, is_move) AS moved_at,
        max(event_time) AS seen_at
    FROM scans
    GROUP BY item, serial
)

SELECT
    unit_key,
    item,
    serial,
    now.1 AS lot,
    now.2 AS site,
    now.3 AS state,
    now.4 AS whereabouts,
    arrived_at,
    moved_at,
    seen_at
FROM units;

ALTER TABLE v_stock -- noqa: PRS
COMMENT COLUMN unit_key 'the unit, under its present label',
COMMENT COLUMN item 'class of the unit',
COMMENT COLUMN serial 'serial within the item',
COMMENT COLUMN lot 'lot or batch, empty where none is known',
COMMENT COLUMN site 'site of its last applied scan',
COMMENT COLUMN state 'state after it',
COMMENT COLUMN whereabouts 'ON_HAND, IN_TRANSIT, WITH_CUSTOMER, INSTALLED, IN_SERVICE, FAILED, ENDED, NONE, OTHER',
COMMENT COLUMN arrived_at 'when it last came to be on hand at its site; NULL where it never was on hand',
COMMENT COLUMN moved_at 'its last scan that changed state or site',
COMMENT COLUMN seen_at 'its last applied scan',
MODIFY COMMENT 'Where every unit is, and since when';
