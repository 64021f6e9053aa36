-- What each site sends besides its scans: who states a condition, who says how a scan was entered or how
--   the read went, who names a reader.
-- Grain: one row per site with a scan that counts.
-- Denominator: scans: ACCEPTED, FLAGGED and REPEATED ones; the others: how many of them say it.
-- Late data: newest decisions; scans after {data_end} are ignored.
SELECT
    toString(site) AS site,
    toInt64(count()) AS scans,
    toInt64(countIf(outcome != 'REPEATED' AND (coalesce(condition, '') != '' OR coalesce(flags_set, '') != ''))) AS states_condition,
    toInt64(countIf(outcome != 'REPEATED' AND has(attributes.name, 'entry'))) AS sends_entry,
    toInt64(countIf(has(attributes.name, 'read'))) AS sends_read,
    toInt64(countIf(outcome != 'REPEATED' AND coalesce(reader, '') != '')) AS names_reader
FROM v_life_events
WHERE
    outcome IN ('ACCEPTED', 'FLAGGED', 'REPEATED') AND step != 'VOID' AND event_time <= {data_end:DateTime64(3, 'UTC')}
GROUP BY site
ORDER BY site ASC
