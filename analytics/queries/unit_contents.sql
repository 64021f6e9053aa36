-- What is in one unit or part of it now: members of a container, components of a product.
-- Grain: one row per unit that is in it directly, at most {most}.
-- Denominator: none, a list; v_unit_current.members counts all that the ledger knows of.
-- Late data: as unit_state has it now.
SELECT
    unit_key,
    if(container = {unit:String}, 'packed', 'installed') AS how,
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
        WHERE container = {unit:String} OR parent = {unit:String}
    )
    AND (container = {unit:String} OR parent = {unit:String})
ORDER BY how ASC, unit_key ASC
LIMIT {most:UInt32}
