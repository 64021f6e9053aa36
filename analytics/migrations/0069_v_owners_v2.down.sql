CREATE OR REPLACE VIEW v_owners AS
WITH transfers AS (
    SELECT
        unit_key,
        event_time,
        ordinal,
        site,
        document,
        coalesce(
            nullIf(attributes.value[indexOf(attributes.name, 'owner')], ''),
            attributes.value[indexOf(attributes.name, 'owning_party')]
        ) AS owner
    FROM v_unit_events
    WHERE step = 'TRANSFER' AND outcome IN ('ACCEPTED', 'FLAGGED') AND reason != 'RETIRED_LABEL'
)

SELECT
    unit_key,
    owner,
    event_time AS `from`, -- noqa: RF06
    leadInFrame(toNullable(event_time), 1, NULL) OVER (
        PARTITION BY unit_key ORDER BY event_time ASC, ordinal ASC
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) AS `to`, -- noqa: RF06
    row_number() OVER (PARTITION BY unit_key ORDER BY event_time ASC, ordinal ASC) AS place,
    site,
    document
FROM transfers
WHERE owner != '';

ALTER TABLE v_owners -- noqa: PRS
COMMENT COLUMN unit_key 'item/serial, or serial alone where item is empty',
COMMENT COLUMN owner 'pseudonym of the owner',
COMMENT COLUMN from 'event_time of the TRANSFER',
COMMENT COLUMN to 'event_time of the next TRANSFER; NULL for the present owner',
COMMENT COLUMN place '1 for the first owner known, then 2, …',
COMMENT COLUMN site 'where it was transferred',
COMMENT COLUMN document 'under which document',
MODIFY COMMENT 'Whose a unit was';
