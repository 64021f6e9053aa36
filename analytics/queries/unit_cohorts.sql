-- What a unit's scans say of where it came from: what lives are split by beyond what `unit_lives` knows.
-- Grain: one row per label, retired ones too, of each thing of which a scan was applied; none at all where {by} names none
--   of supplier, configuration, month-sold and month-made.
-- Cohort: as of rates: the supplier and the configuration are the attributes that an applied scan stated first, first_sold
--   and first_made the first applied SELL or DISPENSE, and COMMISSION.
-- Labels: a thing relabelled is one unit, so that all its labels say the same.
-- Denominator: none; whoever counts says which.
-- Late data: by newest decision; scans after {data_end} are ignored.
WITH things AS (
    SELECT
        item,
        serial,
        unit_key,
        argMinIf(
            attributes.value[indexOf(attributes.name, 'supplier')],
            (event_time, ordinal),
            attributes.value[indexOf(attributes.name, 'supplier')] != ''
        ) AS supplier,
        argMinIf(
            attributes.value[indexOf(attributes.name, 'configuration')],
            (event_time, ordinal),
            attributes.value[indexOf(attributes.name, 'configuration')] != ''
        ) AS configuration,
        minOrNullIf(event_time, step IN ('SELL', 'DISPENSE')) AS first_sold,
        minOrNullIf(event_time, step = 'COMMISSION') AS first_made
    FROM v_life_events
    WHERE
        hasAny({by:Array(String)}, ['supplier', 'configuration', 'month-sold', 'month-made'])
        AND outcome IN ('ACCEPTED', 'FLAGGED') AND step != 'VOID'
        AND event_time <= {data_end:DateTime64(3, 'UTC')}
    GROUP BY item, serial, unit_key
),

retired AS (
    SELECT
        unit_key,
        groupArray((item, serial)) AS labels
    FROM v_labels
    WHERE hasAny({by:Array(String)}, ['supplier', 'configuration', 'month-sold', 'month-made'])
    GROUP BY unit_key
)

SELECT
    label.1 AS item,
    label.2 AS serial,
    supplier,
    configuration,
    first_sold,
    first_made
FROM things
LEFT JOIN retired USING (unit_key)
ARRAY JOIN arrayPushFront(retired.labels, (things.item, things.serial)) AS label
