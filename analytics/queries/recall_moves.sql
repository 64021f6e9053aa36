-- The moves of parts into and out of products as numbers: what `v_assemblies` makes its stays of.
-- Grain: one row per applied INSTALL, REMOVE, REPLACE, RELABEL, RETIRE or DESTROY that says so.
-- is_in: the product, 0 where the unit left; at: milliseconds * 4 + the order of moves of one time.
-- Denominator: as v_unit_events.
-- Late data: newest decisions; what was never revised is read without them.
WITH revised AS (
    SELECT
        `partition`,
        ordinal
    FROM unit_revisions
),

moves AS (
    SELECT
        unit_id,
        step,
        other_unit,
        event_time,
        ordinal,
        toUInt8(step IN ('RETIRE', 'DESTROY')) * 2 AS rank
    FROM unit_events
    WHERE
        step IN ('INSTALL', 'REMOVE', 'REPLACE', 'RELABEL', 'RETIRE', 'DESTROY') AND origin != 'DERIVED'
        AND outcome IN ('ACCEPTED', 'FLAGGED') AND reason != 'RETIRED_LABEL'
        AND (`partition`, ordinal) NOT IN (SELECT `partition`, ordinal FROM revised) -- noqa
    UNION ALL
    SELECT
        unit_id,
        step,
        other_unit,
        event_time,
        ordinal,
        toUInt8(multiIf(step IN ('RETIRE', 'DESTROY'), 2, substring(scan_id, 17, 1) < '4', 1, 0)) AS rank
    FROM unit_events
    WHERE
        step IN ('INSTALL', 'REMOVE', 'REPLACE', 'RELABEL', 'RETIRE', 'DESTROY') AND origin = 'DERIVED'
        AND outcome IN ('ACCEPTED', 'FLAGGED') AND reason != 'RETIRED_LABEL'
        AND (`partition`, ordinal) NOT IN (SELECT `partition`, ordinal FROM revised) -- noqa
    UNION ALL
    SELECT
        unit_id,
        step,
        other_unit,
        event_time,
        ordinal,
        toUInt8(
            multiIf(step IN ('RETIRE', 'DESTROY'), 2, origin = 'DERIVED' AND substring(scan_id, 17, 1) < '4', 1, 0)
        ) AS rank
    FROM v_unit_events
    WHERE
        step IN ('INSTALL', 'REMOVE', 'REPLACE', 'RELABEL', 'RETIRE', 'DESTROY')
        AND outcome IN ('ACCEPTED', 'FLAGGED') AND reason != 'RETIRED_LABEL'
        AND (`partition`, ordinal) IN (SELECT `partition`, ordinal FROM revised) -- noqa
)

SELECT
    unit_id AS unit,
    if(step = 'INSTALL', cityHash64(assumeNotNull(other_unit)), toUInt64(0)) AS is_in,
    toInt64(toUnixTimestamp64Milli(event_time) * 4 + 1 + rank) AS at,
    ordinal
FROM moves
WHERE
    multiIf(
        step = 'INSTALL', coalesce(cityHash64(other_unit) != unit_id, FALSE),
        step = 'REMOVE', coalesce(cityHash64(other_unit) != unit_id, TRUE),
        step = 'RELABEL', rank != 1 AND coalesce(cityHash64(other_unit) != unit_id, FALSE),
        TRUE
    );
