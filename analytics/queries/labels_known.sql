-- Labels that were retired, as known at a time: those of some units, and those that some units were retired for.
-- Grain: one row per retired label that is one of {units}, or was retired for one of them directly.
-- Denominator: none, a look-up; RELABEL scans received up to {known} whose newest decision by then is ACCEPTED or FLAGGED,
--   that name another unit; none of a label already retired.
-- Late data: newest decisions by {known}; a RELABEL that was taken back by then makes no row.
WITH told AS (
    SELECT
        if(item = '', serial, concat(item, '/', serial)) AS label,
        assumeNotNull(other_unit) AS unit_key,
        outcome,
        reason,
        event_time,
        `partition`,
        ordinal
    FROM unit_events
    WHERE
        step = 'RELABEL' AND coalesce(other_unit, '') NOT IN ('', label)
        AND NOT (origin = 'DERIVED' AND substring(scan_id, 17, 1) < '4')
        AND (other_unit IN (SELECT arrayJoin({units:Array(String)})) OR label IN (SELECT arrayJoin({units:Array(String)})))
        AND received_at <= {known:DateTime64(3, 'UTC')}
),

revised AS (
    SELECT
        `partition`,
        ordinal,
        argMax((outcome, reason), sequence) AS newest,
        count() AS times
    FROM unit_revisions
    WHERE
        received_at <= {known:DateTime64(3, 'UTC')}
        AND (`partition`, ordinal) IN (SELECT (`partition`, ordinal) FROM told)
    GROUP BY `partition`, ordinal
)

SELECT
    label,
    argMax(unit_key, (event_time, ordinal)) AS unit_key
FROM told
LEFT ANY JOIN revised USING (`partition`, ordinal)
WHERE
    if(times > 0, newest.1, outcome) IN ('ACCEPTED', 'FLAGGED')
    AND if(times > 0, newest.2, reason) != 'RETIRED_LABEL'
GROUP BY label
ORDER BY label
