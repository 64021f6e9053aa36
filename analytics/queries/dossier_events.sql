-- Every scan of one unit with its verdict as first decided, nothing left out.
-- Grain: one row per scan.
-- Denominator: none, a list.
-- handing: what the step does to custody (take, give, free, keep, none) by the unit's lifecycle where that had been loaded before
--   the scan was decided; empty where none was, so that the built-in one was in force.
-- Late data: in the order of the ledger (ordinal); what later changed is in dossier_revisions.
WITH loads AS (
    SELECT
        `partition` AS loaded_in,
        ordinal AS loaded,
        content
    FROM acts
    WHERE
        kind = 'LIFECYCLE' AND result = 'APPLIED' AND subject IN (
            SELECT unit_state.lifecycle
            FROM unit_state
            WHERE unit_state.item = {item:String} AND unit_state.serial = {serial:String}
        )
)

SELECT
    scans.*,
    if(
        loads.content = '', '', coalesce(nullIf(JSONExtractString(loads.content, 'custody', toString(scans.step)), ''), 'none')
    ) AS handing
FROM unit_events AS scans
ASOF LEFT JOIN loads ON scans.`partition` = loads.loaded_in AND scans.ordinal > loads.loaded
WHERE scans.item = {item:String} AND scans.serial = {serial:String}
ORDER BY scans.ordinal ASC
