-- Of the units that a site had to sell in the last 30 days, how many it sold.
-- Grain: one row per item and site that had a unit on hand, or sold one, in the time (begin, the end of the ledger (v_ledger_end)].
-- Denominator: available: distinct units on hand at the site at any moment of that time, and those sold there in it.
-- Numerator: those of them with an applied SELL or DISPENSE at the site in that time, each once however often it was sold.
-- Late data: newest decisions; scans after the end of the ledger (v_ledger_end) are ignored. Units without an item are in no row.
CREATE VIEW IF NOT EXISTS v_sell_through AS
WITH scans AS (
    SELECT
        item,
        serial,
        site,
        step,
        event_time,
        whereabouts_after,
        (SELECT assumeNotNull(data_end) FROM v_ledger_end) - toIntervalDay(30) AS begin,
        leadInFrame(toNullable(event_time), 1, NULL) OVER (
            PARTITION BY item, serial ORDER BY event_time ASC, step IN ('FAIL', 'RETIRE', 'DESTROY') ASC, ordinal ASC
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ) AS next_at
    FROM v_life_events
    WHERE
        outcome IN ('ACCEPTED', 'FLAGGED') AND step != 'VOID' AND item != ''
        AND event_time <= (SELECT assumeNotNull(data_end) FROM v_ledger_end)
),

units AS (
    SELECT
        item,
        serial,
        toString(site) AS site,
        max(step IN ('SELL', 'DISPENSE') AND event_time > begin) AS was_sold
    FROM scans
    WHERE
        (whereabouts_after = 'ON_HAND' AND (next_at IS NULL OR next_at > begin))
        OR (step IN ('SELL', 'DISPENSE') AND event_time > begin)
    GROUP BY item, serial, site
)

SELECT
    item,
    site,
    toInt64(count()) AS available,
    toInt64(countIf(was_sold)) AS sold
FROM units
GROUP BY item, site
ORDER BY item ASC, site ASC;

ALTER TABLE v_sell_through -- noqa: PRS
COMMENT COLUMN item 'class of the unit',
COMMENT COLUMN site 'the site',
COMMENT COLUMN available 'units on hand at the site at any moment of the 30 days before data_end, and those sold there in them',
COMMENT COLUMN sold 'of them, units sold there in these days',
MODIFY COMMENT 'Of the units to sell in the last 30 days, those sold';
