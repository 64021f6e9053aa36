-- Whose a unit was, by its TRANSFER scans, across labels: what was transferred under a retired label is the present unit's.
-- Grain: one row per applied TRANSFER that names an owner (attribute `owner`, else EPCIS's `owning_party`); `to` is NULL for
-- the present owner. Denominator: units that were ever transferred.
-- Late data: by event_time and newest decisions, so a late TRANSFER takes its place in the chain; labels as v_labels.
CREATE OR REPLACE VIEW v_owners AS
WITH transfers AS (
    SELECT
        if(labels.unit_key = '', seen.unit_key, labels.unit_key) AS present,
        seen.event_time,
        seen.ordinal,
        seen.site,
        seen.document,
        coalesce(
            nullIf(seen.attributes.value[indexOf(seen.attributes.name, 'owner')], ''),
            seen.attributes.value[indexOf(seen.attributes.name, 'owning_party')]
        ) AS owner
    FROM v_unit_events AS seen
    LEFT ANY JOIN v_labels AS labels ON seen.unit_key = labels.label
    WHERE seen.step = 'TRANSFER' AND seen.outcome IN ('ACCEPTED', 'FLAGGED') AND seen.reason != 'RETIRED_LABEL'
)

SELECT
    present AS unit_key,
    owner,
    event_time AS `from`, -- noqa: RF06
    leadInFrame(toNullable(event_time), 1, NULL) OVER (
        PARTITION BY present ORDER BY event_time ASC, ordinal ASC
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) AS `to`, -- noqa: RF06
    row_number() OVER (PARTITION BY present ORDER BY event_time ASC, ordinal ASC) AS place,
    site,
    document
FROM transfers
WHERE owner != '';

ALTER TABLE v_owners -- noqa: PRS
COMMENT COLUMN unit_key 'the unit under its present label',
COMMENT COLUMN owner 'pseudonym of the owner',
COMMENT COLUMN from 'event_time of the TRANSFER',
COMMENT COLUMN to 'event_time of the next TRANSFER; NULL for the present owner',
COMMENT COLUMN place '1 for the first owner known, then 2, …',
COMMENT COLUMN site 'where it was transferred',
COMMENT COLUMN document 'under which document',
MODIFY COMMENT 'Whose a unit was';
