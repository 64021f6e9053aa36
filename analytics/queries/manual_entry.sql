-- Scans that were typed in rather than read, by site and reader.
-- Grain: one row per site and reader (empty: none named); only sites that ever send the attribute `entry`.
-- Denominator: applied scans that a device or an import sent: what the ledger derived or corrected was read by nobody.
-- Numerator: those with the attribute entry=manual.
-- Late data: newest decisions; scans after {data_end} are ignored.
SELECT
    toString(site) AS site,
    coalesce(toString(reader), '') AS reader,
    toInt64(count()) AS scans,
    toInt64(countIf(attributes.value[indexOf(attributes.name, 'entry')] = 'manual')) AS manual
FROM v_life_events
WHERE
    outcome IN ('ACCEPTED', 'FLAGGED') AND step != 'VOID' AND origin NOT IN ('DERIVED', 'CORRECTION')
    AND event_time <= {data_end:DateTime64(3, 'UTC')}
    AND site IN (
        SELECT site
        FROM v_life_events AS sent
        WHERE
            outcome IN ('ACCEPTED', 'FLAGGED') AND has(attributes.name, 'entry')
            AND event_time <= {data_end:DateTime64(3, 'UTC')}
    )
GROUP BY site, reader
ORDER BY site ASC, reader ASC
