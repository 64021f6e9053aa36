-- Sites that scans name and no site table has loaded: there scans are flagged UNKNOWN_SITE and no travel is checked.
-- Grain: one row per site, the most scanned first.
-- Denominator: scans that concern a unit: those rejected for their contract (wrong key, time …) are left out.
-- Late data: by arrival: a site leaves the list as soon as the ledger has applied a load that names it, even where its
--   earlier scans keep their UNKNOWN_SITE; `flagged` counts those by newest decision.
-- Stands on: sites_loaded
SELECT
    site,
    toInt64(count()) AS scans,
    toInt64(uniqExact(item, serial)) AS units,
    toInt64(countIf(reason = 'UNKNOWN_SITE')) AS flagged,
    min(event_time) AS first_event_time,
    max(event_time) AS last_event_time
FROM v_unit_events
WHERE
    site NOT IN (SELECT sites_loaded.site FROM sites_loaded)
    AND reason NOT IN ('MISKEYED', 'MISROUTED', 'BAD_IDENTIFIER', 'BAD_ORIGIN', 'FUTURE_TIME', 'BAD_TIME')
GROUP BY site
ORDER BY scans DESC, site ASC
