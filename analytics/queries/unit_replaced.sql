-- The unit that one stands in for, as known at a time: the first that was replaced with it, under any of its labels.
-- Grain: one row, none where it replaces none.
-- Denominator: none, a look-up.
-- Late data: newest decisions by {known}; a REPLACE that was taken back by then counts no more. The same rule as v_warranties.
WITH named AS (
    SELECT
        if(item = '', serial, concat(item, '/', serial)) AS unit_key,
        item,
        serial,
        event_time,
        outcome,
        reason,
        `partition`,
        ordinal
    FROM unit_events
    WHERE
        other_unit IN (SELECT arrayJoin({labels:Array(String)})) AND step = 'REPLACE'
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
        AND (`partition`, ordinal) IN (
            SELECT
                `partition`,
                ordinal
            FROM named
        )
    GROUP BY `partition`, ordinal
)

SELECT
    unit_key,
    item,
    serial,
    event_time
FROM named
LEFT ANY JOIN revised USING (`partition`, ordinal)
WHERE
    if(times > 0, newest.1, outcome) IN ('ACCEPTED', 'FLAGGED')
    AND if(times > 0, newest.2, reason) != 'RETIRED_LABEL'
    AND unit_key NOT IN (SELECT arrayJoin({labels:Array(String)}))
ORDER BY event_time ASC, ordinal ASC
LIMIT 1
