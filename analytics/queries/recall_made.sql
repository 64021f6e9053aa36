-- What went into transformations and came out of them, as numbers: what `v_genealogy` joins.
-- Grain: one row per applied scan that names its transformation.
-- Denominator: as v_unit_events.
-- Late data: newest decisions; what was never revised is read without them.
WITH revised AS (
    SELECT
        `partition`,
        ordinal
    FROM unit_revisions
),

scans AS (
    SELECT
        unit_id,
        attributes,
        step,
        event_time
    FROM unit_events
    WHERE
        step IN ('RETIRE', 'COMMISSION', 'REPAIR', 'OBSERVE') AND has(attributes.name, 'transformation')
        AND outcome IN ('ACCEPTED', 'FLAGGED') AND reason != 'RETIRED_LABEL'
        AND (`partition`, ordinal) NOT IN (SELECT `partition`, ordinal FROM revised) -- noqa
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
        AND (`partition`, ordinal) IN (SELECT `partition`, ordinal FROM revised) -- noqa
)

SELECT
    unit_id AS unit,
    cityHash64('transformation', attributes.value[indexOf(attributes.name, 'transformation')]) AS transformation,
    toUnixTimestamp64Milli(event_time) AS at,
    step != 'COMMISSION' AS is_input,
    step != 'RETIRE' AS is_output
FROM scans;
