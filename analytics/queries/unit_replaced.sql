-- The unit that one stands in for: the first that was replaced with it.
-- Grain: one row, none where it replaces none.
-- Denominator: none, a look-up.
-- Late data: newest decisions; a REPLACE that was taken back counts no more. The same rule as v_warranties,
--   but it follows no labels: only a REPLACE that names this very unit counts.
SELECT
    unit_key,
    item,
    serial,
    event_time
FROM v_unit_events
WHERE
    other_unit = {replacement:String}
    AND step = 'REPLACE' AND outcome IN ('ACCEPTED', 'FLAGGED') AND reason != 'RETIRED_LABEL'
    AND unit_key != {replacement:String}
ORDER BY event_time ASC, ordinal ASC
LIMIT 1
