-- From when a unit's warranty runs: from its own sale, or from that of the first unit it stands in for.
-- Grain: one row per unit that was sold or replaces another. REPLACE of A with other_unit B hands A's warranty on to B, and
-- B's to what replaces B, at most 50 times.
-- Denominator: such units. How long it runs is the lifecycle's (warranty_days).
-- Late data: newest decisions; a REPLACE that was taken back hands nothing on.
CREATE OR REPLACE VIEW v_warranties AS
WITH RECURSIVE replacements AS (
    SELECT
        unit_key AS replaced,
        assumeNotNull(other_unit) AS replacement,
        event_time
    FROM v_unit_events
    WHERE
        step = 'REPLACE' AND outcome IN ('ACCEPTED', 'FLAGGED') AND other_unit IS NOT NULL
        AND other_unit != unit_key AND reason != 'RETIRED_LABEL'
    ORDER BY replacement ASC, event_time ASC, ordinal ASC
    LIMIT 1 BY replacement
),

chain AS (
    SELECT
        replacement,
        replaced AS earliest,
        replaced AS latest,
        event_time AS replaced_at,
        toUInt8(1) AS place
    FROM replacements
    UNION ALL
    SELECT
        chain.replacement,
        replacements.replaced,
        chain.latest,
        chain.replaced_at,
        toUInt8(chain.place + 1) AS place
    FROM chain
    INNER JOIN replacements ON chain.earliest = replacements.replacement
    WHERE chain.place < 50 AND replacements.replaced != chain.replacement
),

handed AS (
    SELECT
        replacement,
        argMax(earliest, place) AS first_unit,
        any(latest) AS replaces,
        any(replaced_at) AS handed_at,
        max(place) AS links
    FROM chain
    GROUP BY replacement
),

sold AS (
    SELECT
        unit_key,
        sold_at
    FROM v_unit_current
    WHERE sold_at IS NOT NULL
)

SELECT
    if(handed.replacement = '', own.unit_key, handed.replacement) AS unit_key,
    coalesce(earliest.sold_at, own.sold_at) AS warranty_from,
    own.sold_at AS own_sold_at,
    nullIf(handed.replaces, '') AS replaces,
    nullIf(handed.first_unit, '') AS first_unit,
    if(handed.replacement = '', NULL, toNullable(handed.handed_at)) AS replaced_at,
    handed.links
FROM handed
FULL OUTER JOIN sold AS own ON handed.replacement = own.unit_key
LEFT ANY JOIN sold AS earliest ON handed.first_unit = earliest.unit_key;
