-- How many units have no life that statistics could take.
-- Stands on: unit_lives
-- Grain: one row per reason (UNKNOWN_AGE: without the {origin}; NEVER_AT_RISK) that leaves out a unit.
-- Denominator: none.
-- Late data: as `unit_lives`.
SELECT
    how,
    toInt64(count()) AS units
FROM unit_lives
WHERE
    how IN ('UNKNOWN_AGE', 'NEVER_AT_RISK')
    AND (empty({items:Array(String)}) OR has({items:Array(String)}, item))
GROUP BY how
ORDER BY how ASC
