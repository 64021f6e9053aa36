-- Failures per unit-year of observation: the counts of `scanledger rates failure`, at the finest grain, to be summed.
-- Grain: one row per item, site, lot and month of a unit's first counted scan.
-- Denominator: unit_days, the sum over units of the days from the first to the last scan whose newest decision is
--   ACCEPTED, FLAGGED, REPEATED or REJECTED SEEN_AFTER_END, both days counted, UTC; a VOID is no sighting.
-- Numerator: FAIL scans that were applied. Exact limits need more than SQL: the verb has them.
-- Late data: newest decisions, by event_time.
CREATE VIEW IF NOT EXISTS v_failure_rate AS
WITH units AS (
    SELECT
        item,
        serial,
        toDate(min(event_time), 'UTC') AS first_day,
        toDate(max(event_time), 'UTC') AS last_day,
        argMin((toString(site), coalesce(toString(lot), '')), (event_time, ordinal)) AS cohort,
        countIf(step = 'FAIL' AND outcome IN ('ACCEPTED', 'FLAGGED')) AS failed
    FROM v_life_events
    WHERE (outcome IN ('ACCEPTED', 'FLAGGED', 'REPEATED') OR reason = 'SEEN_AFTER_END') AND step != 'VOID'
    GROUP BY item, serial
)

SELECT
    item,
    cohort.1 AS site,
    cohort.2 AS lot,
    formatDateTime(first_day, '%Y-%m') AS month,
    toInt64(count()) AS units,
    toInt64(sum(last_day - first_day + 1)) AS unit_days,
    toInt64(sum(failed)) AS failures,
    100 * failures * 365 / unit_days AS afr_percent
FROM units
GROUP BY item, site, lot, month;

ALTER TABLE v_failure_rate -- noqa: PRS
COMMENT COLUMN item 'class of the unit',
COMMENT COLUMN site 'site of the unit''s first counted scan',
COMMENT COLUMN lot 'lot stated with it, empty where none',
COMMENT COLUMN month 'month of it, YYYY-MM, UTC',
COMMENT COLUMN units 'units of the row',
COMMENT COLUMN unit_days 'days under observation, summed over units',
COMMENT COLUMN failures 'applied FAIL scans',
COMMENT COLUMN afr_percent '100 × failures × 365 / unit_days',
MODIFY COMMENT 'Failures per unit-year of observation';
