-- When which part was installed in which product.
-- Grain: one row per stay; `to` is NULL while the part is in it, else when it was removed, replaced, installed elsewhere or
-- ended. Denominator: units with an applied INSTALL that names the product.
-- Late data: by event_time and newest decisions, so a late or corrected INSTALL moves the limits of the stays it touches.
CREATE OR REPLACE VIEW v_assemblies AS
WITH moves AS (
    SELECT
        unit_key,
        event_time,
        multiIf(step IN ('RETIRE', 'DESTROY'), 2, origin = 'DERIVED', 1, 0) AS rank,
        ordinal,
        if(step = 'INSTALL', assumeNotNull(other_unit), '') AS is_in,
        site
    FROM v_unit_events
    WHERE
        outcome IN ('ACCEPTED', 'FLAGGED') AND reason != 'RETIRED_LABEL'
        AND multiIf(
            step = 'INSTALL', coalesce(other_unit != unit_key, FALSE),
            step = 'REMOVE', coalesce(other_unit != unit_key, TRUE),
            step IN ('REPLACE', 'RETIRE', 'DESTROY')
        )
),

changes AS (
    SELECT
        *,
        lagInFrame(is_in, 1, '') OVER (
            PARTITION BY unit_key ORDER BY event_time ASC, rank ASC, ordinal ASC
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ) AS was_in
    FROM moves
),

stays AS (
    SELECT
        *,
        leadInFrame(toNullable(event_time), 1, NULL) OVER (
            PARTITION BY unit_key ORDER BY event_time ASC, rank ASC, ordinal ASC
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ) AS left_at
    FROM changes
    WHERE is_in != was_in
)

SELECT
    stays.unit_key AS component,
    stays.is_in AS product,
    stays.event_time AS `from`, -- noqa: RF06
    if(stays.left_at IS NULL AND coalesce(now.parent, '') != stays.is_in, now.last_event_time, stays.left_at) AS `to`, -- noqa: RF06
    stays.site
FROM stays
LEFT ANY JOIN v_unit_current AS now ON stays.unit_key = now.unit_key
WHERE stays.is_in != '';
