-- The names of attributes that scans of some items state.
-- Grain: one row per name that an applied scan (ACCEPTED or FLAGGED) of an item in {items} (all where it is empty) states with
--   a value.
-- Denominator: none, a list.
-- Late data: newest decisions; scans after {data_end} are ignored.
SELECT DISTINCT attribute.name AS attribute_name
FROM v_unit_events
ARRAY JOIN attributes AS attribute
WHERE
    outcome IN ('ACCEPTED', 'FLAGGED') AND step != 'VOID' AND attribute.value != ''
    AND event_time <= {data_end:DateTime64(3, 'UTC')} AND (empty({items:Array(String)}) OR has({items:Array(String)}, item))
ORDER BY attribute_name ASC
