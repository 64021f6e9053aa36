-- Units that a text may mean which names no single one: those of an item, or those with a serial.
-- Grain: one row per unit whose item is {item} or whose serial is {serial} (an empty one asks for none), at most {most}.
-- Denominator: none, a list.
-- Late data: as unit_state has it now.
SELECT
    unit_key,
    state,
    site,
    last_event_time
FROM v_unit_current
WHERE
    (item, serial) IN (
        SELECT
            item,
            serial
        FROM unit_state
        WHERE ({item:String} != '' AND item = {item:String}) OR ({serial:String} != '' AND serial = {serial:String})
        ORDER BY item ASC, serial ASC
        LIMIT {most:UInt32}
    )
ORDER BY last_event_time DESC, unit_key ASC
LIMIT {most:UInt32}
