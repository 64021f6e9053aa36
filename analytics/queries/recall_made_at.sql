-- Where the units of some items were made, as numbers: the site of their first applied scan.
-- Grain: one row per unit.
-- Denominator: units of these items with an applied scan.
-- Late data: newest decisions.
SELECT
    unit_id AS unit,
    argMin(site, (event_time, ordinal)) AS site
FROM v_unit_events
WHERE
    outcome IN ('ACCEPTED', 'FLAGGED') AND step != 'VOID' AND reason != 'RETIRED_LABEL' AND item IN {items:Array(String)}
GROUP BY unit_id;
