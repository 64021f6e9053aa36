-- What was ever installed in one unit, or stood in for it, as known at a time: scans of other units that name it as the other one.
-- Grain: one row per such scan, at most {most}, the newest first.
-- Denominator: none, a list.
-- Late data: newest decisions by {known}; a scan taken back by then is not here.
WITH named AS (
    SELECT
        item,
        serial,
        step,
        event_time,
        site,
        outcome,
        reason,
        `partition`,
        ordinal
    FROM unit_events
    WHERE
        other_unit = {unit:String} AND step IN ('INSTALL', 'REMOVE', 'REPLACE', 'RELABEL')
        AND (item != {item:String} OR serial != {serial:String}) AND received_at <= {known:DateTime64(3, 'UTC')}
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
    event_time,
    step,
    if(item = '', serial, concat(item, '/', serial)) AS unit_key,
    site
FROM named
LEFT ANY JOIN revised USING (`partition`, ordinal)
WHERE
    if(times > 0, newest.1, outcome) IN ('ACCEPTED', 'FLAGGED')
    AND if(times > 0, newest.2, reason) != 'RETIRED_LABEL'
ORDER BY event_time DESC, ordinal DESC
LIMIT {most:UInt32}
