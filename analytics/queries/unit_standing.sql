-- One unit as it stands now, found by its key alone; with the labels that were retired for it directly.
-- Grain: one row, none where the ledger remembers nothing of the unit.
-- Denominator: none, a look-up.
-- Late data: a late scan or a correction has changed the row as soon as a worker has folded it and the sink written it.
SELECT
    *,
    (
        SELECT arraySort(groupArray(retired.unit_key))
        FROM v_unit_current AS retired
        WHERE
            (item, serial) IN (
                SELECT
                    item,
                    serial
                FROM unit_state
                WHERE alias_of = if({item:String} = '', {serial:String}, concat({item:String}, '/', {serial:String}))
            )
            AND alias_of = if({item:String} = '', {serial:String}, concat({item:String}, '/', {serial:String}))
    ) AS labels
FROM v_unit_current
WHERE item = {item:String} AND serial = {serial:String}
