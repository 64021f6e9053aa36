-- The scans of one unit that had taken effect by what was known at a time, each with its newest decision by then.
-- Grain: one row per scan received up to {known}; `place` orders them as the fold orders its facts: by event_time, then
--   {ending_steps} last, then own before derived (a scan forwarded from a retired label is the unit's own), then ordinal.
--   `is_anew`: the unit's next life begins with it. `owner`: whom a TRANSFER names, else ''.
-- Denominator: those whose newest decision by then is ACCEPTED or FLAGGED; no VOID, none of a label already retired.
-- Late data: a scan or a revision that was received later changes nothing here.
WITH revised AS (
    SELECT
        `partition`,
        ordinal,
        argMax(
            (
                outcome, reason, state_before, state_after, commissioned_at, shipped_at, sold_at, returned_at, failed_at
            ), sequence
        ) AS newest,
        count() AS times
    FROM unit_revisions
    WHERE
        item = {item:String} AND serial = {serial:String} AND received_at <= {known:DateTime64(3, 'UTC')}
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
    unit_events.* EXCEPT (
        outcome, reason, state_before, state_after, commissioned_at, shipped_at, sold_at, returned_at, failed_at
    ),
    if(times > 0, newest.1, unit_events.outcome) AS outcome, -- noqa: RF03
    if(times > 0, newest.2, unit_events.reason) AS reason, -- noqa: RF03
    if(times > 0, newest.3, unit_events.state_before) AS state_before, -- noqa: RF03
    if(times > 0, newest.4, unit_events.state_after) AS state_after, -- noqa: RF03
    if(times > 0, newest.5, unit_events.commissioned_at) AS commissioned_at, -- noqa: RF03
    if(times > 0, newest.6, unit_events.shipped_at) AS shipped_at, -- noqa: RF03
    if(times > 0, newest.7, unit_events.sold_at) AS sold_at, -- noqa: RF03
    if(times > 0, newest.8, unit_events.returned_at) AS returned_at, -- noqa: RF03
    if(times > 0, newest.9, unit_events.failed_at) AS failed_at, -- noqa: RF03
    step = 'COMMISSION' AND reason = 'NONE' AND state_before NOT IN ('', 'NONE') AS is_anew,
    if(
        step = 'TRANSFER', coalesce(
            nullIf(attributes.value[indexOf(attributes.name, 'owner')], ''), -- noqa: RF01
            attributes.value[indexOf(attributes.name, 'owning_party')] -- noqa: RF01
        ), ''
    ) AS owner,
    (
        event_time, has({ending_steps:Array(String)}, step), origin = 'DERIVED' AND substring(scan_id, 17, 1) < '4', ordinal
    ) AS place
FROM unit_events
LEFT ANY JOIN revised USING (`partition`, ordinal)
WHERE
    item = {item:String} AND serial = {serial:String} AND received_at <= {known:DateTime64(3, 'UTC')}
    AND outcome IN ('ACCEPTED', 'FLAGGED') AND reason != 'RETIRED_LABEL' AND step != 'VOID'
