-- One unit as it stands now, found by its key alone.
-- Grain: one row, none where the ledger remembers nothing of the unit.
-- Denominator: none, a look-up.
-- Late data: a late scan or a correction has changed the row as soon as a worker has folded it and the sink written it.
SELECT *
FROM v_unit_current
WHERE item = {item:String} AND serial = {serial:String}
