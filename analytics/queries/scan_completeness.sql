-- Whether a site scans what leaves it and what comes to it: of the moves between sites, those that were scanned at this end.
-- Stands on: site_moves
-- Grain: one row per site.
-- Denominator: departures: a unit seen at the site and next at another; arrivals: a unit seen at the site and before that at
--   another. Seen: ACCEPTED, FLAGGED, or REJECTED as ILLEGAL_TRANSITION, which is what a missing scan leads to.
-- Numerator: departures whose last scan at the site left the unit no longer on hand, and a scan there took it off hand (SHIP,
--   SELL …; not INSTALL or FAIL); arrivals whose first scan there is an applied ARRIVE, RECEIVE, RETURN or COMMISSION.
-- Late data: newest decisions; scans after {data_end} are ignored. What a container's scan did to its members counts as scanned.
SELECT
    side.1 AS site,
    toInt64(countIf(side.2 = 'DEPARTURE')) AS departures,
    toInt64(countIf(side.2 = 'DEPARTURE' AND side.3)) AS departures_scanned,
    toInt64(countIf(side.2 = 'ARRIVAL')) AS arrivals,
    toInt64(countIf(side.2 = 'ARRIVAL' AND side.3)) AS arrivals_scanned,
    toInt64(count()) AS expected,
    toInt64(countIf(side.3)) AS scanned
FROM site_moves
ARRAY JOIN [(site_before, 'DEPARTURE', left_scanned), (site_now, 'ARRIVAL', came_scanned)] AS side
GROUP BY site
ORDER BY site ASC
