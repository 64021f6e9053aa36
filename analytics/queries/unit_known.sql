-- What was seen of one unit as the ledger knew it at a time: scans received by then, each with its newest decision by then.
-- Grain: one row per scan of the unit received up to {known}, at most {most}, the newest by event_time first; only those
--   before ({before_ms}, {before_ordinal}).
-- Denominator: none, a list.
-- Late data: a revision counts from when its causing record was received (revised_at); `times_revised` counts those known.
WITH seen AS (
    SELECT *
    FROM unit_events
    WHERE
        item = {item:String} AND serial = {serial:String}
        AND received_at <= {known:DateTime64(3, 'UTC')}
        AND (toUnixTimestamp64Milli(event_time), ordinal) < ({before_ms:Int64}, {before_ordinal:UInt64})
    ORDER BY event_time DESC, ordinal DESC
    LIMIT {most:UInt32}
),

newest AS (
    SELECT
        `partition`,
        ordinal,
        count() AS times_revised,
        argMax(unit_revisions.outcome, sequence) AS new_outcome,
        argMax(unit_revisions.reason, sequence) AS new_reason,
        argMax(unit_revisions.state_before, sequence) AS new_state_before,
        argMax(unit_revisions.state_after, sequence) AS new_state_after,
        argMax((unit_revisions.previous_site, unit_revisions.previous_event_time), sequence) AS new_previous,
        max(unit_revisions.sequence) AS new_sequence,
        argMax(unit_revisions.received_at, sequence) AS newest_at,
        argMax(caused_by, sequence) AS newest_cause
    FROM unit_revisions
    WHERE
        item = {item:String} AND serial = {serial:String}
        AND received_at <= {known:DateTime64(3, 'UTC')}
        AND (`partition`, ordinal) IN (
            SELECT
                `partition`,
                ordinal
            FROM seen
        )
    GROUP BY `partition`, ordinal
)

SELECT
    seen.event_time,
    seen.step,
    seen.site,
    seen.location,
    seen.reader,
    seen.operator,
    seen.destination,
    seen.document,
    seen.container,
    seen.other_unit,
    seen.scan_lot,
    seen.origin,
    seen.corrects,
    seen.source,
    seen.scan_id,
    seen.receipt,
    seen.attributes,
    seen.outcome AS first_outcome,
    seen.reason AS first_reason,
    if(times_revised > 0, new_outcome, seen.outcome) AS outcome,
    if(times_revised > 0, new_reason, seen.reason) AS reason,
    if(times_revised > 0, new_state_before, seen.state_before) AS state_before,
    if(times_revised > 0, new_state_after, seen.state_after) AS state_after,
    if(times_revised > 0, new_previous.1, seen.previous_site) AS previous_site,
    if(times_revised > 0, new_previous.2, seen.previous_event_time) AS previous_event_time,
    if(times_revised > 0, new_sequence, seen.sequence) AS sequence,
    seen.lot,
    seen.capture_time,
    seen.received_at,
    if(times_revised > 0, newest_at, NULL) AS revised_at,
    newest_cause AS revised_by,
    times_revised,
    toUnixTimestamp64Milli(seen.event_time) AS event_ms,
    seen.rules_version,
    seen.`partition`,
    seen.offset,
    seen.ordinal
FROM seen
LEFT ANY JOIN newest USING (`partition`, ordinal)
ORDER BY seen.event_time DESC, seen.ordinal DESC
