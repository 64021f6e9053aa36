-- What was made of what: the units of one transformation, joined across events by its attribute `transformation`.
-- Grain: one row per pair of an input and an output of a transformation. Denominator: transformations with both; a unit
-- that went in and came out (repaired, or only seen) is both. Rows are made when asked for: name an input or an output.
-- Labels: a scan of a retired label is that of the unit that it was forwarded to.
-- Its `site` was named `outputs.site` before.
-- Late data: newest decisions; a scan that was taken back, or never held, makes no row.
CREATE OR REPLACE VIEW v_genealogy AS
WITH scans AS (
    SELECT
        attributes.value[indexOf(attributes.name, 'transformation')] AS transformation,
        unit_key,
        step,
        event_time,
        site
    FROM v_unit_events
    WHERE
        outcome IN ('ACCEPTED', 'FLAGGED') AND step IN ('RETIRE', 'COMMISSION', 'REPAIR', 'OBSERVE')
        AND has(attributes.name, 'transformation') AND reason != 'RETIRED_LABEL'
)

SELECT
    inputs.transformation,
    inputs.unit_key AS made_of,
    outputs.unit_key AS made,
    inputs.event_time AS put_in_at,
    outputs.event_time AS made_at,
    outputs.site AS site -- noqa: AL09
FROM scans AS inputs
INNER JOIN scans AS outputs ON inputs.transformation = outputs.transformation
WHERE inputs.step != 'COMMISSION' AND outputs.step != 'RETIRE';
