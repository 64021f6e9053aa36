-- What went into transformations and came out of them, as numbers: what `v_genealogy` joins.
-- Grain: one row per applied scan that names its transformation.
-- Denominator: as v_unit_events.
-- Late data: newest decisions; units of which nothing was ever revised are read without them.
WITH scans AS (
    SELECT
        unit_id,
        attributes,
        step,
        event_time
    FROM unit_events
    WHERE
        step IN ('RETIRE', 'COMMISSION', 'REPAIR', 'OBSERVE') AND has(attributes.name, 'transformation')
        AND outcome IN ('ACCEPTED', 'FLAGGED') AND reason != 'RETIRED_LABEL'
        AND unit_id NOT IN (SELECT unit_id FROM unit_revisions) -- noqa
    UNION ALL
    SELECT
        unit_id,
        attributes,
        step,
        event_time
    FROM v_unit_events
    WHERE
        step IN ('RETIRE', 'COMMISSION', 'REPAIR', 'OBSERVE') AND has(attributes.name, 'transformation')
        AND outcome IN ('ACCEPTED', 'FLAGGED') AND reason != 'RETIRED_LABEL'
        AND unit_id IN (SELECT unit_id FROM unit_revisions) -- noqa
)

SELECT
    unit_id AS unit,
    cityHash64('transformation', attributes.value[indexOf(attributes.name, 'transformation')]) AS transformation,
    toUnixTimestamp64Milli(event_time) AS at,
    step != 'COMMISSION' AS is_input,
    step != 'RETIRE' AS is_output
FROM scans;
