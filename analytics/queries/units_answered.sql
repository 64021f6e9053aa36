-- Which of some units were scanned under a document by a step already, and the scan was applied.
-- Grain: one row per unit.
-- Denominator: none, a look-up.
-- Late data: by newest decision.
SELECT DISTINCT unit_key
FROM v_unit_events
WHERE
    item IN {items:Array(String)} AND has({units:Array(String)}, unit_key)
    AND document = {document:String} AND step = {step:String} AND outcome IN ('ACCEPTED', 'FLAGGED')
ORDER BY unit_key
