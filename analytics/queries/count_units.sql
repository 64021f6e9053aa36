-- A count of a place against what the ledger says stood there: expected, found, missing, unexpected, in the wrong place.
-- Grain: one row per unit that stood at the place when the count began or was counted under the document.
-- Denominator: none, a list; units that came or left while the count ran are told apart, they are no variance.
-- Times: the count runs from its first to its last COUNT by event_time. Where a unit stood is what its applied scans before
--   that said: the site of the last, and the last location stated there; on hand unless sold, shipped, installed or ended.
-- Labels: from its RELABEL on a thing stands there as the unit that it goes on as, and no longer under the retired label.
-- Late data: by newest decision, so a move scanned in time but sent late explains a unit that seemed missing.
WITH counts AS (
    SELECT
        unit_key,
        min(event_time) AS counted_at,
        toInt64(count()) AS counts
    FROM v_unit_events
    WHERE
        document = {document:String} AND step = 'COUNT'
        AND outcome IN ('ACCEPTED', 'FLAGGED', 'REPEATED') AND reason != 'RETIRED_LABEL'
    GROUP BY unit_key
),

bounds AS (
    SELECT
        min(event_time) AS began,
        max(event_time) AS ended,
        if({site:String} = '', argMin(site, event_time), {site:String}) AS place
    FROM v_unit_events
    WHERE document = {document:String} AND step = 'COUNT' AND reason != 'RETRACTED'
),

moves AS (
    SELECT
        unit_key,
        event_time,
        ordinal,
        site = (SELECT place FROM bounds)
        AND state_after NOT IN ('NONE', 'IN_TRANSIT', 'SOLD', 'INSTALLED', 'RETIRED', 'DESTROYED')
        AND (step != 'RELABEL' OR coalesce(other_unit, unit_key) = unit_key) AS is_here,
        site,
        location
    FROM v_unit_events
    WHERE
        outcome IN ('ACCEPTED', 'FLAGGED') AND step NOT IN ('VOID', 'COUNT') AND reason != 'RETIRED_LABEL'
        AND event_time <= (SELECT ended FROM bounds)
    UNION ALL
    SELECT
        assumeNotNull(seen.other_unit) AS unit_key,
        event_time,
        ordinal,
        site = (SELECT place FROM bounds)
        AND state_after NOT IN ('NONE', 'IN_TRANSIT', 'SOLD', 'INSTALLED', 'RETIRED', 'DESTROYED') AS is_here,
        site,
        location
    FROM v_unit_events AS seen
    WHERE
        outcome IN ('ACCEPTED', 'FLAGGED') AND step = 'RELABEL' AND reason != 'RETIRED_LABEL' AND seen.other_unit != seen.unit_key
        AND event_time <= (SELECT ended FROM bounds)
),

stood AS (
    SELECT
        unit_key,
        argMaxIf(is_here, (event_time, ordinal), event_time < (SELECT began FROM bounds)) AS was_here,
        argMax(is_here, (event_time, ordinal)) AS is_here_after,
        argMaxIf(site, (event_time, ordinal), event_time < (SELECT began FROM bounds)) AS former_site,
        argMaxIf(
            coalesce(location, ''), (event_time, ordinal),
            event_time < (SELECT began FROM bounds) AND is_here AND location IS NOT NULL
        ) AS former_location
    FROM moves
    GROUP BY unit_key
)

SELECT
    if(counts.unit_key != '', counts.unit_key, stood.unit_key) AS unit,
    stood.was_here AND ({location:String} = '' OR stood.former_location = {location:String}) AS is_expected,
    counts.counts > 0 AS is_counted,
    stood.is_here_after,
    counts.counts > 1 AS is_recounted,
    stood.former_site,
    stood.former_location,
    if(counts.counts = 0, NULL, counts.counted_at) AS counted_at
FROM stood
FULL OUTER JOIN counts ON stood.unit_key = counts.unit_key
WHERE is_expected OR is_counted
ORDER BY unit
