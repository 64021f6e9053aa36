-- How long units on hand have been at their site, in bands of whole days.
-- Grain: one row per item and site with a unit on hand.
-- Denominator: units on hand (v_stock); age: whole days from arrived_at to the end of the ledger (v_ledger_end). The bands sum to units.
-- Late data: newest decisions; scans after the end of the ledger (v_ledger_end) are ignored.
CREATE VIEW IF NOT EXISTS v_ageing AS
WITH ages AS (
    SELECT
        item,
        site,
        intDiv(dateDiff('second', coalesce(arrived_at, seen_at), (SELECT assumeNotNull(data_end) FROM v_ledger_end)), 86400) AS days
    FROM v_stock
    WHERE whereabouts = 'ON_HAND'
)

SELECT
    item,
    site,
    toInt64(count()) AS units,
    toInt64(countIf(days <= 30)) AS days_0_30,
    toInt64(countIf(days BETWEEN 31 AND 90)) AS days_31_90,
    toInt64(countIf(days BETWEEN 91 AND 180)) AS days_91_180,
    toInt64(countIf(days BETWEEN 181 AND 365)) AS days_181_365,
    toInt64(countIf(days > 365)) AS days_over_365,
    toInt64(quantileExactLow(0.5) (days)) AS median_days,
    toInt64(max(days)) AS oldest_days
FROM ages
GROUP BY item, site
ORDER BY item ASC, site ASC;

ALTER TABLE v_ageing -- noqa: PRS
COMMENT COLUMN item 'class of the unit',
COMMENT COLUMN site 'the site',
COMMENT COLUMN units 'units on hand',
COMMENT COLUMN days_0_30 'of them, there for 0 to 30 whole days at data_end',
COMMENT COLUMN days_31_90 '31 to 90 days',
COMMENT COLUMN days_91_180 '91 to 180 days',
COMMENT COLUMN days_181_365 '181 to 365 days',
COMMENT COLUMN days_over_365 'over 365 days',
COMMENT COLUMN median_days 'median of the days; of an even count the lower one',
COMMENT COLUMN oldest_days 'most days',
MODIFY COMMENT 'How long units on hand have been at their site';
