-- What a document expects against what was scanned under it.
-- Grain: one row per unit that is expected or was scanned under the document by one of its steps, or both.
-- Denominator: none, a list; `is_expected` and `scans` say which of the two it is.
-- Labels: a scan of a retired label counts for the label where that is expected, else for the unit that it was forwarded to.
-- Late data: by newest decision; a scan taken back is no sighting, a rejected one is (somebody had the unit in hand).
WITH expected AS (
    SELECT
        unit_key,
        sale
    FROM v_expectations
    WHERE document = {document:String}
),

seen AS (
    SELECT
        unit_key,
        toInt64(count()) AS scans,
        argMin(site, (event_time, ordinal)) AS first_site,
        min(event_time) AS first_seen,
        argMax(outcome, (event_time, ordinal)) AS last_outcome,
        argMax(reason, (event_time, ordinal)) AS last_reason
    FROM v_unit_events
    WHERE
        document = {document:String} AND has({steps:Array(String)}, step) AND reason != 'RETRACTED'
        AND if(
            reason = 'RETIRED_LABEL',
            unit_key IN (SELECT unit_key FROM expected),
            attributes.value[indexOf(attributes.name, 'label')] NOT IN (SELECT unit_key FROM expected)
        )
    GROUP BY unit_key
),

carriers AS (
    SELECT DISTINCT assumeNotNull(container) AS unit_key
    FROM v_unit_events
    WHERE document = {document:String} AND container IS NOT NULL
)

SELECT
    if(expected.unit_key != '', expected.unit_key, seen.unit_key) AS unit,
    expected.unit_key != '' AS is_expected,
    unit IN (SELECT unit_key FROM carriers) AS is_carrier,
    seen.scans,
    if(seen.scans = 0, NULL, seen.first_site) AS site,
    if(seen.scans = 0, NULL, seen.first_seen) AS first_seen,
    seen.last_outcome AS outcome,
    seen.last_reason AS reason,
    expected.sale
FROM expected
FULL OUTER JOIN seen ON expected.unit_key = seen.unit_key
ORDER BY unit
