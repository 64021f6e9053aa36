-- Whose a unit was, by its TRANSFER scans: owners are pseudonyms, the persons behind them are not in the ledger.
-- Grain: one row per applied TRANSFER that names an owner (attribute `owner`, else EPCIS's `owning_party`); `to` is NULL for
-- the present owner. Denominator: units that were ever transferred.
-- Late data: by event_time and newest decisions, so a late TRANSFER takes its place in the chain.
CREATE VIEW IF NOT EXISTS v_owners AS
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
