-- The moves of parts into and out of products as numbers: what `v_assemblies` makes its stays of.
-- Grain: one row per applied INSTALL, REMOVE, REPLACE, RELABEL, RETIRE or DESTROY that says so.
-- is_in: the product, 0 where the unit left; at: milliseconds * 4 + the order of moves of one time.
-- Denominator: as v_unit_events.
-- Late data: newest decisions; units of which nothing was ever revised are read without them.
WITH moves AS (
    SELECT
        unit_id,
        step,
        cityHash64(other_unit) AS other_id,
        event_time,
        ordinal,
        toUInt8(step IN ('RETIRE', 'DESTROY')) * 2 AS rank
    FROM unit_events
    WHERE
        step IN ('INSTALL', 'REMOVE', 'REPLACE', 'RELABEL', 'RETIRE', 'DESTROY') AND origin != 'DERIVED'
        AND outcome IN ('ACCEPTED', 'FLAGGED') AND reason != 'RETIRED_LABEL'
        AND unit_id NOT IN (SELECT unit_id FROM unit_revisions) -- noqa
    UNION ALL
    SELECT
        unit_id,
        step,
        cityHash64(other_unit) AS other_id,
        event_time,
        ordinal,
        toUInt8(multiIf(step IN ('RETIRE', 'DESTROY'), 2, substring(scan_id, 17, 1) < '4', 1, 0)) AS rank
    FROM unit_events
    WHERE
        step IN ('INSTALL', 'REMOVE', 'REPLACE', 'RELABEL', 'RETIRE', 'DESTROY') AND origin = 'DERIVED'
        AND outcome IN ('ACCEPTED', 'FLAGGED') AND reason != 'RETIRED_LABEL'
        AND unit_id NOT IN (SELECT unit_id FROM unit_revisions) -- noqa
    UNION ALL
    SELECT
        unit_id,
        step,
        cityHash64(other_unit) AS other_id,
        event_time,
        ordinal,
        toUInt8(
            multiIf(step IN ('RETIRE', 'DESTROY'), 2, origin = 'DERIVED' AND substring(scan_id, 17, 1) < '4', 1, 0)
        ) AS rank
    FROM v_unit_events
    WHERE
        step IN ('INSTALL', 'REMOVE', 'REPLACE', 'RELABEL', 'RETIRE', 'DESTROY')
        AND outcome IN ('ACCEPTED', 'FLAGGED') AND reason != 'RETIRED_LABEL'
        AND unit_id IN (SELECT unit_id FROM unit_revisions) -- noqa
)

SELECT
    unit_id AS unit,
    if(step = 'INSTALL', assumeNotNull(other_id), toUInt64(0)) AS is_in,
    toInt64(toUnixTimestamp64Milli(event_time) * 4 + 1 + rank) AS at,
    ordinal
FROM moves
WHERE
    multiIf(
        step = 'INSTALL', coalesce(other_id != unit_id, FALSE),
        step = 'REMOVE', coalesce(other_id != unit_id, TRUE),
        step = 'RELABEL', rank != 1 AND coalesce(other_id != unit_id, FALSE),
        TRUE
    );
