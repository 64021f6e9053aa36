-- Units found damaged at a site, of the units seen there.
-- Grain: one row per item and site with an applied scan; only sites that ever state a condition or a flag.
-- Denominator: distinct units with an applied scan at the site.
-- Numerator: those with an applied scan at the site whose condition or newly set flags say `damaged`.
-- Late data: newest decisions; scans after {data_end} are ignored. Units without an item are in no row.
SELECT
    item,
    toString(site) AS site,
    toInt64(uniqExact(serial)) AS units,
    toInt64(uniqExactIf(
        serial,
        has(splitByChar(' ', coalesce(toString(condition), '')), 'damaged')
        OR has(splitByChar(' ', coalesce(toString(flags_set), '')), 'damaged')
    )) AS damaged
FROM v_life_events
WHERE
    outcome IN ('ACCEPTED', 'FLAGGED') AND step != 'VOID' AND item != ''
    AND event_time <= {data_end:DateTime64(3, 'UTC')}
    AND site IN (
        SELECT site
        FROM v_life_events AS sent
        WHERE
            outcome IN ('ACCEPTED', 'FLAGGED') AND step != 'VOID' AND event_time <= {data_end:DateTime64(3, 'UTC')}
            AND (coalesce(condition, '') != '' OR coalesce(flags_set, '') != '')
    )
GROUP BY item, site
ORDER BY item ASC, site ASC
