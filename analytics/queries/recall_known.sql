-- Every unit as numbers, for a recall: who it is, where it is, whether the predicate fits it.
-- Grain: one row per unit, retired labels too.
-- Denominator: units with a scan that left a fact.
-- Late data: as unit_state.
-- said: 0 to 2 the place (0 on hand, 1 in transit, 2 with customer, 3 returned, 4 scrapped, 5 unknown), 8 it is part of
-- something, 16 the predicate fits it, 32 its lot is one of the component lots. A failed or installed unit is with the
-- customer if it was sold and has not come back. States of lifecycles of one's own: on hand where a site has custody.
-- made_from, made_to: the least Int64 where it is no condition.
-- cell: item and lot; made: days since 1970 of its COMMISSION, -1 unknown. Where it was made is the site of its first
-- applied scan; supplier and line are what any applied scan of it states.
WITH firsts AS (
    SELECT unit_id
    FROM v_unit_events
    WHERE
        outcome IN ('ACCEPTED', 'FLAGGED') AND step != 'VOID' AND reason != 'RETIRED_LABEL' AND notEmpty({sites:Array(String)})
        AND (empty({items:Array(String)}) OR item IN {items:Array(String)})
    GROUP BY unit_id
    HAVING argMin(site, (event_time, ordinal)) IN {sites:Array(String)}
),

stated AS (
    SELECT
        unit_id,
        countIf(attributes.value[indexOf(attributes.name, 'supplier')] IN {suppliers:Array(String)}) AS of_supplier,
        countIf(attributes.value[indexOf(attributes.name, 'line')] IN {lines:Array(String)}) AS of_line
    FROM v_unit_events
    WHERE
        outcome IN ('ACCEPTED', 'FLAGGED') AND reason != 'RETIRED_LABEL'
        AND (notEmpty({suppliers:Array(String)}) OR notEmpty({lines:Array(String)}))
        AND (empty({items:Array(String)}) OR item IN {items:Array(String)})
    GROUP BY unit_id
    HAVING
        (empty({suppliers:Array(String)}) OR of_supplier > 0) AND (empty({lines:Array(String)}) OR of_line > 0)
)

SELECT
    unit_id AS unit,
    toUInt8(
        multiIf(
            state IN ('RETIRED', 'DESTROYED'), 4,
            state = 'IN_TRANSIT', 1,
            state IN ('SOLD', 'DISPENSED'), 2,
            state = 'RETURNED', 3,
            state = 'NONE', 5,
            state IN ('FAILED', 'INSTALLED') AND sold_at IS NOT NULL AND coalesce(returned_at < sold_at, TRUE), 2,
            state IN (
                'COMMISSIONED', 'PACKED', 'STORED', 'RESERVED', 'PICKED', 'STAGED', 'ARRIVED', 'RECEIVED', 'HELD', 'IN_REPAIR',
                'INSTALLED', 'FAILED', 'IN_SERVICE', 'IN_STORE', 'IN_USE'
            ) OR custody IS NOT NULL, 0,
            5
        )
        + if(parent IS NULL, 0, 8)
        + if(
            (empty({items:Array(String)}) OR item IN {items:Array(String)})
            AND (empty({lots:Array(String)}) OR coalesce(lot IN {lots:Array(String)}, FALSE))
            AND ({made_from:Int64} = -9223372036854775808 OR coalesce(toUnixTimestamp64Milli(commissioned_at) >= {made_from:Int64}, FALSE))
            AND ({made_to:Int64} = -9223372036854775808 OR coalesce(toUnixTimestamp64Milli(commissioned_at) < {made_to:Int64}, FALSE))
            AND (empty({sites:Array(String)}) OR unit_id IN (SELECT unit_id FROM firsts)) -- noqa
            AND (
                (empty({suppliers:Array(String)}) AND empty({lines:Array(String)}))
                OR unit_id IN (SELECT unit_id FROM stated) -- noqa
            ),
            16, 0
        )
        + if(coalesce(lot IN {component_lots:Array(String)}, FALSE), 32, 0)
    ) AS said,
    cityHash64(coalesce(site, '')) AS site,
    cityHash64(item, coalesce(lot, '')) AS cell,
    toInt32(if(commissioned_at IS NULL, -1, intDiv(toUnixTimestamp64Milli(assumeNotNull(commissioned_at)), 86400000))) AS made,
    toInt64(if(last_event_time IS NULL, 0, toUnixTimestamp64Milli(assumeNotNull(last_event_time)))) AS last_seen
FROM unit_state FINAL;
