-- How often a label could be read, by item and site.
-- Grain: one row per item and site; only sites that ever send the attribute `read`. Units without an item have item ''.
-- Denominator: readings: scans that a device or an import sent, ACCEPTED, FLAGGED or REPEATED; a copy of the same scan
--   (REDELIVERED) or another system's word of it (SECOND_SOURCE) is no reading of its own.
-- Numerator: readings without the attribute read=failed.
-- Late data: newest decisions; scans after {data_end} are ignored.
SELECT
    item,
    toString(site) AS site,
    toInt64(count()) AS readings,
    toInt64(countIf(attributes.value[indexOf(attributes.name, 'read')] != 'failed')) AS good
FROM v_life_events
WHERE
    outcome IN ('ACCEPTED', 'FLAGGED', 'REPEATED') AND reason NOT IN ('REDELIVERED', 'SECOND_SOURCE') AND step != 'VOID'
    AND origin NOT IN ('DERIVED', 'CORRECTION') AND event_time <= {data_end:DateTime64(3, 'UTC')}
    AND site IN (
        SELECT site
        FROM v_life_events AS sent
        WHERE
            outcome IN ('ACCEPTED', 'FLAGGED', 'REPEATED') AND has(attributes.name, 'read')
            AND event_time <= {data_end:DateTime64(3, 'UTC')}
    )
GROUP BY item, site
ORDER BY item ASC, site ASC
