-- Each unit's life with the values of its attributes.
-- Stands on: unit_lives
-- Grain: one row per unit that was at risk, of the items in {items} (all where it is empty); `pairs` has the empty pair,
--   which is every unit's, and (attribute, value) for those of {attributes} that are known of it: lot; site, that of its
--   first scan; month, that of its origin; any other name, what an applied scan stated first.
-- Age, endings: as `unit_lives`.
-- Denominator: none; whoever counts says which.
-- Late data: as `unit_lives`.
WITH first_stated AS (
    SELECT
        item,
        serial,
        attribute.name AS attribute_name,
        argMin(attribute.value, (event_time, ordinal)) AS attribute_value
    FROM v_unit_events
    ARRAY JOIN attributes AS attribute
    WHERE
        outcome IN ('ACCEPTED', 'FLAGGED') AND step != 'VOID' AND attribute.value != ''
        AND has({attributes:Array(String)}, attribute.name) AND event_time <= {data_end:DateTime64(3, 'UTC')}
    GROUP BY item, serial, attribute_name
),

stated AS (
    SELECT
        item,
        serial,
        groupArray((attribute_name, attribute_value)) AS told
    FROM first_stated
    GROUP BY item, serial
)

SELECT
    item,
    serial,
    entered,
    gone,
    how = 'EVENT' AS is_event,
    arrayFilter(
        pair -> pair.1 = '' OR (pair.2 != '' AND has({attributes:Array(String)}, pair.1)),
        arrayConcat(
            [
                ('', ''), ('lot', last_lot), ('site', first_site),
                ('month', formatDateTime(assumeNotNull(started), '%Y-%m', 'UTC'))
            ],
            told
        )
    ) AS pairs
FROM unit_lives
LEFT JOIN stated USING (item, serial)
WHERE how NOT IN ('UNKNOWN_AGE', 'NEVER_AT_RISK') AND (empty({items:Array(String)}) OR has({items:Array(String)}, item))
