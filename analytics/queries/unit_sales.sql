-- Under which documents some units were sold or dispensed, under any label of theirs.
-- Grain: one row per applied SELL or DISPENSE, in the order of events.
-- Denominator: none, a list.
-- Late data: by newest decision; a unit that its container's sale merely drew along was not sold.
WITH keys AS (
    SELECT
        labels.label AS unit_key,
        labels.unit_key AS present
    FROM v_labels AS labels
    WHERE labels.unit_key IN (SELECT arrayJoin({units:Array(String)}))
    UNION ALL
    SELECT
        arrayJoin({units:Array(String)}) AS unit_key,
        unit_key AS present
)

SELECT
    keys.present AS unit,
    sold.event_time,
    coalesce(sold.document, '') AS document
FROM v_unit_events AS sold
INNER JOIN keys ON sold.unit_key = keys.unit_key
WHERE
    sold.step IN ('SELL', 'DISPENSE') AND sold.outcome IN ('ACCEPTED', 'FLAGGED') AND sold.reason != 'RETIRED_LABEL'
    AND NOT (sold.origin = 'DERIVED' AND sold.reason IN ('ILLEGAL_TRANSITION', 'RETURN_NOT_SOLD'))
ORDER BY unit ASC, sold.event_time ASC, sold.ordinal ASC
