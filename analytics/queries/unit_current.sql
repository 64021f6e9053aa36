-- One unit as it stands now: state, place, custody, milestones, the labels that were retired for it.
-- Grain: one row, none where the ledger remembers nothing of the unit.
-- Denominator: none, a look-up.
-- Late data: a late scan or a correction has changed the row as soon as a worker has folded it and the sink written it.
SELECT
    *,
    (
        SELECT arraySort(groupArray(label))
        FROM v_labels
        WHERE unit_key = if({item:String} = '', {serial:String}, concat({item:String}, '/', {serial:String}))
    ) AS labels
FROM v_unit_current
WHERE item = {item:String} AND serial = {serial:String}
