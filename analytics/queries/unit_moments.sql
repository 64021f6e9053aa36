-- When the ledger learnt anything of one unit: the times between which its picture did not change.
-- Grain: one row per distinct received_at of a scan or a revision of the unit, at most {most}, the newest first.
-- Denominator: none, a list.
-- Late data: by received_at, when it became known; never by event_time.
SELECT
    received_at AS moment,
    sum(scans) AS scans,
    sum(revisions) AS revisions
FROM (
    SELECT
        received_at,
        1 AS scans,
        0 AS revisions
    FROM unit_events
    WHERE item = {item:String} AND serial = {serial:String}
    UNION ALL
    SELECT
        received_at,
        0 AS scans,
        1 AS revisions
    FROM unit_revisions
    WHERE
        item = {item:String} AND serial = {serial:String}
        AND (`partition`, ordinal) IN (
            SELECT
                `partition`,
                ordinal
            FROM unit_events
            WHERE item = {item:String} AND serial = {serial:String}
        )
) AS known
GROUP BY received_at
ORDER BY received_at DESC
LIMIT {most:UInt32}
