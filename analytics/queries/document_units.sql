-- What a document expects against what was scanned under it.
-- Stands on: sightings
-- Stands on: document_expected
-- Grain: one row per unit that is expected or was scanned under the document by one of its steps, or both.
-- Denominator: none, a list; `is_expected` and `scans` say which of the two it is.
-- Labels: an expected label is found whichever label of its thing was read; what is not expected is named by the label that
--   its thing has now.
-- Order: none; ClickHouse 26.9 finds no plan for this join where it is sorted.
-- Late data: by newest decision, as sightings.
WITH seen AS (
    SELECT
        present,
        sum(scans) AS all_scans,
        argMin(site, (event_time, last_ordinal)) AS first_site,
        min(event_time) AS first_seen,
        max(event_time) AS last_seen,
        argMax(last_outcome, (event_time, last_ordinal)) AS newest_outcome,
        argMax(last_reason, (event_time, last_ordinal)) AS newest_reason,
        max(is_wrong) AS has_wrong,
        arrayPushFront(groupUniqArrayArray(labels_read), present) AS labels,
        groupUniqArrayArray(containers) AS all_containers
    FROM sightings
    GROUP BY present
)

SELECT
    if(document_expected.unit = '', seen.present, document_expected.unit) AS unit,
    if(document_expected.unit = '', seen.present, document_expected.present) AS present,
    document_expected.unit != '' AS is_expected,
    hasAny(seen.labels, (
        SELECT groupUniqArray(assumeNotNull(container))
        FROM v_unit_events
        WHERE document = {document:String} AND container IS NOT NULL
    )) AS is_carrier,
    seen.has_wrong AS is_wrong,
    seen.all_scans AS scans,
    if(seen.present = '', NULL, seen.first_site) AS site,
    if(seen.present = '', NULL, seen.first_seen) AS first_seen,
    if(seen.present = '', NULL, seen.last_seen) AS last_seen,
    seen.newest_outcome AS outcome,
    seen.newest_reason AS reason,
    seen.all_containers AS containers,
    document_expected.sale
FROM document_expected
FULL OUTER JOIN seen ON document_expected.present = seen.present
