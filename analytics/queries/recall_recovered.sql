-- Units that came back or were ended since a time, as numbers.
-- Grain: one row per unit.
-- Denominator: units with an applied RETURN, RETIRE or DESTROY of at least that event_time.
-- Late data: by event_time and newest decisions.
SELECT DISTINCT unit_id AS unit
FROM v_unit_events
WHERE
    step IN ('RETURN', 'RETIRE', 'DESTROY') AND outcome IN ('ACCEPTED', 'FLAGGED') AND reason != 'RETIRED_LABEL'
    AND event_time > fromUnixTimestamp64Milli({since_ms:Int64}, 'UTC');
