-- Units returned of units sold: the counts of `scanledger rates return`, at the finest grain, to be summed.
-- Grain: one row per item, site, lot and month of a unit's first counted scan.
-- Denominator: units with an applied SELL or DISPENSE, each once however often it was sold.
-- Numerator: those of them with an applied RETURN at or after their first sale, each once however often it came back.
-- Limits: Wilson's at 95 %, of the row itself: those of a sum are to be worked out from the sum.
-- Late data: newest decisions, by event_time.
CREATE VIEW IF NOT EXISTS v_return_rate AS
WITH units AS (
    SELECT
        item,
        serial,
        min(event_time) AS first_seen,
        argMin((toString(site), coalesce(toString(lot), '')), (event_time, ordinal)) AS cohort,
        countIf(step IN ('SELL', 'DISPENSE') AND outcome IN ('ACCEPTED', 'FLAGGED')) AS sales,
        minIf(event_time, step IN ('SELL', 'DISPENSE') AND outcome IN ('ACCEPTED', 'FLAGGED')) AS first_sale,
        countIf(step = 'RETURN' AND outcome IN ('ACCEPTED', 'FLAGGED')) AS came_back,
        maxIf(event_time, step = 'RETURN' AND outcome IN ('ACCEPTED', 'FLAGGED')) AS last_return
    FROM v_life_events
    WHERE (outcome IN ('ACCEPTED', 'FLAGGED', 'REPEATED') OR reason = 'SEEN_AFTER_END') AND step != 'VOID'
    GROUP BY item, serial
    HAVING sales > 0
),

counted AS (
    SELECT
        item,
        cohort.1 AS site,
        cohort.2 AS lot,
        formatDateTime(first_seen, '%Y-%m', 'UTC') AS month,
        toInt64(count()) AS units,
        toInt64(countIf(came_back > 0 AND last_return >= first_sale)) AS returns
    FROM units
    GROUP BY item, site, lot, month
)

SELECT
    item,
    site,
    lot,
    month,
    units,
    returns,
    returns / units AS rate,
    if(returns = 0, 0, (returns + 1.920729410347062) / (units + 3.841458820694124) - half_width) AS rate_low,
    if(returns = units, 1, (returns + 1.920729410347062) / (units + 3.841458820694124) + half_width) AS rate_high
FROM (
    SELECT
        *,
        1.959963984540054 / (units + 3.841458820694124) * sqrt(returns * (units - returns) / units + 0.960364705173531) AS half_width
    FROM counted
) AS widths;

ALTER TABLE v_return_rate -- noqa: PRS
COMMENT COLUMN item 'class of the unit',
COMMENT COLUMN site 'site of the unit''s first counted scan',
COMMENT COLUMN lot 'lot stated with it, empty where none',
COMMENT COLUMN month 'month of it, YYYY-MM, UTC',
COMMENT COLUMN units 'units sold',
COMMENT COLUMN returns 'of them, units that came back after their first sale',
COMMENT COLUMN rate 'returns / units',
COMMENT COLUMN rate_low 'lower limit of the rate (Wilson, 95 %)',
COMMENT COLUMN rate_high 'upper limit of the rate (Wilson, 95 %)',
MODIFY COMMENT 'Units returned of units sold';
