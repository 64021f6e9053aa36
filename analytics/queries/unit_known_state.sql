-- What one unit was taken for at a time: state, place, lot and milestones after the last scan that had taken effect by then.
-- Grain: one row, none where no scan received up to {known} had taken effect by what was known then.
-- Denominator: scans received up to {known} whose newest decision by then is ACCEPTED or FLAGGED; no VOID, none of a label
--   already retired. The last is by event_time, then {ending_steps} last, then own before derived, then ordinal, as the
--   fold orders its facts; a scan forwarded from a retired label is the unit's own.
-- Late data: a scan or a revision that was received later changes nothing here.
WITH revised AS (
    SELECT
        `partition`,
        ordinal,
        argMax(
            (outcome, reason, state_after, commissioned_at, shipped_at, sold_at, returned_at, failed_at), sequence
        ) AS newest,
        count() AS times
    FROM unit_revisions
    WHERE
        item = {item:String} AND serial = {serial:String}
        AND received_at <= {known:DateTime64(3, 'UTC')}
        AND (`partition`, ordinal) IN (
            SELECT
                `partition`,
                ordinal
            FROM unit_events
            WHERE item = {item:String} AND serial = {serial:String}
        )
    GROUP BY `partition`, ordinal
)

SELECT
    if(times > 0, newest.3, state_after) AS state,
    site,
    event_time AS last_event_time,
    if(times > 0, newest.4, commissioned_at) AS commissioned_at, -- noqa: RF03
    if(times > 0, newest.5, shipped_at) AS shipped_at, -- noqa: RF03
    if(times > 0, newest.6, sold_at) AS sold_at, -- noqa: RF03
    if(times > 0, newest.7, returned_at) AS returned_at, -- noqa: RF03
    if(times > 0, newest.8, failed_at) AS failed_at, -- noqa: RF03
    lot
FROM unit_events
LEFT ANY JOIN revised USING (`partition`, ordinal)
WHERE
    item = {item:String} AND serial = {serial:String}
    AND received_at <= {known:DateTime64(3, 'UTC')}
    AND if(times > 0, newest.1, outcome) IN ('ACCEPTED', 'FLAGGED')
    AND if(times > 0, newest.2, reason) != 'RETIRED_LABEL'
    AND step != 'VOID'
ORDER BY
    event_time DESC, has({ending_steps:Array(String)}, step) DESC,
    (origin = 'DERIVED' AND substring(scan_id, 17, 1) < '4') DESC, ordinal DESC
LIMIT 1
