-- Where the things with several labels were first seen, label by label: made is where the first of them all was.
-- Grain: one row per unit that is a retired label, or for which one was retired; unit its number.
-- Denominator: such units with an applied scan.
-- Late data: newest decisions; retired as unit_state says.
WITH retired AS (
    SELECT
        unit_id AS label,
        cityHash64(assumeNotNull(alias_of)) AS heir
    FROM unit_state FINAL
    WHERE alias_of IS NOT NULL
)

SELECT
    unit_id AS unit,
    min(event_time) AS first_at,
    argMin(site, (event_time, ordinal)) AS site
FROM v_unit_events
WHERE
    outcome IN ('ACCEPTED', 'FLAGGED') AND step != 'VOID' AND reason != 'RETIRED_LABEL'
    AND unit_id IN (SELECT arrayJoin([label, heir]) FROM retired)
GROUP BY unit_id;
