-- Whose a unit has been in its present life, by pseudonym, in turn.
-- Grain: one row.
-- Denominator: applied TRANSFER scans that name an owner, from the COMMISSION of its present life on.
-- Late data: by event_time and newest decisions.
-- Stands on: unit_events_known
WITH told AS (
    SELECT
        place,
        is_anew,
        owner
    FROM unit_events_known
    WHERE step IN ('COMMISSION', 'TRANSFER')
),

turns AS (
    SELECT
        maxIf(place, is_anew) AS begun,
        arraySort(groupArrayIf((place, owner), owner != '')) AS owned
    FROM told
)

SELECT arrayMap(one -> one.2, arrayFilter(one -> one.1 >= begun, owned)) AS owners
FROM turns
