-- Of the units of an item first sold in a month, how many came back: ever, and within 30, 90 and 365 days of the sale.
-- Grain: one row per item and month of the first applied SELL or DISPENSE, UTC.
-- Denominator: sold: all of them. sold_N: those sold N days or more before the end of the ledger (v_ledger_end); returned_N: those of them that came
--   back within N days of their first sale. A unit counts once, however often it was sold or came back.
-- Late data: newest decisions; scans after the end of the ledger (v_ledger_end) are ignored.
CREATE VIEW IF NOT EXISTS v_return_cohorts AS
WITH sold_units AS (
    SELECT
        item,
        sold_at,
        (SELECT assumeNotNull(data_end) FROM v_ledger_end) AS until_when,
        if(returned_at <= until_when, returned_at, NULL) AS back_at
    FROM v_sold_units
    WHERE sold_at <= until_when
)

SELECT
    item,
    formatDateTime(sold_at, '%Y-%m', 'UTC') AS month_sold,
    toInt64(count()) AS sold,
    toInt64(countIf(back_at IS NOT NULL)) AS returned,
    toInt64(countIf(sold_at <= until_when - toIntervalDay(30))) AS sold_30,
    toInt64(countIf(sold_at <= until_when - toIntervalDay(30) AND back_at <= sold_at + toIntervalDay(30))) AS returned_30,
    toInt64(countIf(sold_at <= until_when - toIntervalDay(90))) AS sold_90,
    toInt64(countIf(sold_at <= until_when - toIntervalDay(90) AND back_at <= sold_at + toIntervalDay(90))) AS returned_90,
    toInt64(countIf(sold_at <= until_when - toIntervalDay(365))) AS sold_365,
    toInt64(countIf(sold_at <= until_when - toIntervalDay(365) AND back_at <= sold_at + toIntervalDay(365))) AS returned_365
FROM sold_units
GROUP BY item, month_sold
ORDER BY item ASC, month_sold ASC;

ALTER TABLE v_return_cohorts -- noqa: PRS
COMMENT COLUMN item 'class of the unit',
COMMENT COLUMN month_sold 'month of the unit''s first sale, YYYY-MM, UTC',
COMMENT COLUMN sold 'units',
COMMENT COLUMN returned 'of them, units that ever came back',
COMMENT COLUMN sold_30 'units sold 30 days or more before data_end',
COMMENT COLUMN returned_30 'of sold_30, units back within 30 days',
COMMENT COLUMN sold_90 'units sold 90 days or more before data_end',
COMMENT COLUMN returned_90 'of sold_90, units back within 90 days',
COMMENT COLUMN sold_365 'units sold 365 days or more before data_end',
COMMENT COLUMN returned_365 'of sold_365, units back within 365 days',
MODIFY COMMENT 'Of the units sold in a month, how many came back';
