-- Until when differences of sites have ended: what began before that holds no more, unless it is found.
-- Stands on: erp_quantities
-- Grain: one row per site that a statement names: the time of its newest, and just after that where the scans of that time
--   are there. Where they were removed the same statement proves nothing, and only a newer one ends what it began.
-- Denominator: statements of `settle_hours` ago or earlier.
-- Late data: does not matter, these are acts.
SELECT
    concat('site:', site) AS subject,
    toUnixTimestamp64Milli(max(as_of)) + (max(as_of) >= (SELECT max(removed_before) FROM v_retention)) AS until_ms
FROM erp_quantities
GROUP BY site
ORDER BY subject ASC
