-- Where moves between sites go unscanned: those of v_scan_completeness by the reader that saw the unit last before it left,
--   or first after it came.
-- Stands on: site_moves
-- Grain: one row per site and reader (empty: that scan names none); only sites that ever name a reader. Over its readers a
--   site's counts are those of v_scan_completeness.
-- Denominator: departures whose last scan at the site was this reader's; arrivals whose first scan there was. It is no hit
--   rate of the reader: the scan that nobody made names none, so what a gate misses is counted where the unit was seen instead.
-- Numerator: those in which that scan was the leaving, or the coming one, as in v_scan_completeness.
-- Late data: newest decisions; scans after {data_end} are ignored.
SELECT
    side.1 AS site,
    side.2 AS reader,
    toInt64(countIf(side.3 = 'DEPARTURE')) AS departures,
    toInt64(countIf(side.3 = 'DEPARTURE' AND side.4)) AS departures_scanned,
    toInt64(countIf(side.3 = 'ARRIVAL')) AS arrivals,
    toInt64(countIf(side.3 = 'ARRIVAL' AND side.4)) AS arrivals_scanned,
    toInt64(count()) AS expected,
    toInt64(countIf(side.4)) AS scanned
FROM site_moves
ARRAY JOIN
    [
        (site_before, reader_before, 'DEPARTURE', left_scanned), (site_now, reader_now, 'ARRIVAL', came_scanned)
    ] AS side
WHERE
    site IN (
        SELECT sent.site
        FROM v_life_events AS sent
        WHERE
            sent.outcome IN ('ACCEPTED', 'FLAGGED') AND coalesce(sent.reader, '') != ''
            AND sent.event_time <= {data_end:DateTime64(3, 'UTC')}
    )
GROUP BY site, reader
ORDER BY site ASC, reader ASC
