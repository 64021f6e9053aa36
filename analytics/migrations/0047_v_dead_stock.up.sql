-- Units on hand that nothing has moved for 180 days: no scan that changed their state or site.
-- Grain: one row per item and site with such a unit.
-- Denominator: units: those on hand there (v_stock); dead: those of them last moved 180 whole days or more before the end of the ledger (v_ledger_end).
-- Late data: newest decisions; scans after the end of the ledger (v_ledger_end) are ignored. Being counted or inspected does not bring a unit to life.
CREATE VIEW IF NOT EXISTS v_dead_stock AS
WITH idle_units AS (
    SELECT
        item,
        site,
        intDiv(dateDiff('second', coalesce(moved_at, seen_at), (SELECT assumeNotNull(data_end) FROM v_ledger_end)), 86400) AS idle
    FROM v_stock
    WHERE whereabouts = 'ON_HAND'
)

SELECT
    item,
    site,
    toInt64(count()) AS units,
    toInt64(countIf(idle >= 180)) AS dead,
    toInt64(max(idle)) AS longest_idle_days
FROM idle_units
GROUP BY item, site
HAVING dead > 0
ORDER BY dead DESC, item ASC, site ASC;

ALTER TABLE v_dead_stock -- noqa: PRS
COMMENT COLUMN item 'class of the unit',
COMMENT COLUMN site 'the site',
COMMENT COLUMN units 'units on hand',
COMMENT COLUMN dead 'of them, last moved 180 whole days or more before data_end',
COMMENT COLUMN longest_idle_days 'most days without a move',
MODIFY COMMENT 'Units on hand that nothing has moved for 180 days';
