-- The names of attributes that scans state.
-- Grain: one row per name that an applied scan (ACCEPTED or FLAGGED) states with a value.
-- Denominator: none, a list.
-- Late data: newest decisions; scans after {data_end} are ignored.
SELECT DISTINCT attribute.name AS attribute_name
FROM v_unit_events
ARRAY JOIN attributes AS attribute
WHERE
    outcome IN ('ACCEPTED', 'FLAGGED') AND step != 'VOID' AND attribute.value != ''
    AND event_time <= {data_end:DateTime64(3, 'UTC')}
ORDER BY attribute_name ASC
