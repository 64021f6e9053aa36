-- Every stay of a unit at a step and site: from the scan that brought it there until the next that moves it on.
-- Grain: one row per applied scan that changed the unit's state or site and left it on hand. What changes neither (COUNT,
--   INSPECT, OBSERVE at the same site) neither begins a stay nor ends one.
-- End: the unit's next scan that changes its state or site; `left_at` is NULL while it stays.
-- Denominator: of dwell times: all rows; open ones are censored at the end of the ledger.
-- Late data: newest decisions, by event_time, so a late scan parts the stay that it fell into.
CREATE VIEW IF NOT EXISTS v_dwell AS
WITH moves AS (
    SELECT
        unit_key,
        item,
        serial,
        toString(step) AS step,
        toString(site) AS site,
        event_time,
        whereabouts_after,
        leadInFrame(toNullable(event_time), 1, NULL) OVER life AS left_at,
        leadInFrame(toString(step), 1, '') OVER life AS next_step,
        leadInFrame(toString(site), 1, '') OVER life AS next_site
    FROM v_life_events
    WHERE
        outcome IN ('ACCEPTED', 'FLAGGED') AND step != 'VOID'
        AND (state_before != state_after OR site != coalesce(previous_site, ''))
    WINDOW life AS (
        PARTITION BY item, serial ORDER BY event_time ASC, step IN ('FAIL', 'RETIRE', 'DESTROY') ASC, ordinal ASC
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    )
)

SELECT
    unit_key,
    item,
    serial,
    site,
    step,
    event_time AS came_at,
    left_at,
    next_step,
    next_site
FROM moves
WHERE whereabouts_after = 'ON_HAND';

ALTER TABLE v_dwell -- noqa: PRS
COMMENT COLUMN unit_key 'the unit, under its present label',
COMMENT COLUMN item 'class of the unit',
COMMENT COLUMN serial 'serial within the item',
COMMENT COLUMN site 'where it stays',
COMMENT COLUMN step 'the step that began the stay',
COMMENT COLUMN came_at 'event_time of that scan',
COMMENT COLUMN left_at 'event_time of the next scan that changed its state or site; NULL while it stays',
COMMENT COLUMN next_step 'step of that scan, empty while it stays',
COMMENT COLUMN next_site 'site of that scan, empty while it stays',
MODIFY COMMENT 'Every stay of a unit at a step and site';
