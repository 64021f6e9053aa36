-- Every unit as numbers, for a recall: who it is, where it is, which conditions of the predicate fit it.
-- Grain: one row per unit, retired labels too.
-- Denominator: units with a scan that left a fact.
-- Late data: as unit_state.
-- said: 0 to 2 the place (0 on hand, 1 in transit, 2 with customer, 3 returned, 4 scrapped, 5 unknown), 8 it is part of
-- something, 1024 its lot is one of the component lots; it fits the conditions of 16 item, 32 lot, 64 made between, 128 site,
-- 256 supplier, 512 line, each of them also where nothing is asked: of a unit with several labels each may fit another. A
-- failed or installed unit is with the customer if it was sold and has not come back. States of lifecycles of one's own: on
-- hand where a site has custody.
-- made_from, made_to: the least Int64 where it is no condition.
-- cell: item and lot; made: days since 1970 of its COMMISSION, -1 unknown. Where it was made is the site of its first
-- applied scan, of one with several labels that of recall_firsts.sql; supplier and line are what any applied scan of it states.
WITH firsts AS (
    SELECT unit_id
    FROM v_unit_events
    WHERE
        outcome IN ('ACCEPTED', 'FLAGGED') AND step != 'VOID' AND reason != 'RETIRED_LABEL' AND notEmpty({sites:Array(String)})
    GROUP BY unit_id
    HAVING argMin(site, (event_time, ordinal)) IN {sites:Array(String)}
),

of_suppliers AS (
    SELECT DISTINCT unit_id
    FROM v_unit_events
    WHERE
        notEmpty({suppliers:Array(String)}) AND outcome IN ('ACCEPTED', 'FLAGGED') AND reason != 'RETIRED_LABEL'
        AND attributes.value[indexOf(attributes.name, 'supplier')] IN {suppliers:Array(String)}
),

of_lines AS (
    SELECT DISTINCT unit_id
    FROM v_unit_events
    WHERE
        notEmpty({lines:Array(String)}) AND outcome IN ('ACCEPTED', 'FLAGGED') AND reason != 'RETIRED_LABEL'
        AND attributes.value[indexOf(attributes.name, 'line')] IN {lines:Array(String)}
)

SELECT
    unit_id AS unit,
    toUInt16(
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
        + if(empty({items:Array(String)}) OR item IN {items:Array(String)}, 16, 0)
        + if(empty({lots:Array(String)}) OR coalesce(lot IN {lots:Array(String)}, FALSE), 32, 0)
        + if(
            ({made_from:Int64} = -9223372036854775808 OR coalesce(toUnixTimestamp64Milli(commissioned_at) >= {made_from:Int64}, FALSE))
            AND ({made_to:Int64} = -9223372036854775808 OR coalesce(toUnixTimestamp64Milli(commissioned_at) < {made_to:Int64}, FALSE)),
            64, 0
        )
        + if(empty({sites:Array(String)}) OR unit_id IN (SELECT unit_id FROM firsts), 128, 0) -- noqa
        + if(empty({suppliers:Array(String)}) OR unit_id IN (SELECT unit_id FROM of_suppliers), 256, 0) -- noqa
        + if(empty({lines:Array(String)}) OR unit_id IN (SELECT unit_id FROM of_lines), 512, 0) -- noqa
        + if(coalesce(lot IN {component_lots:Array(String)}, FALSE), 1024, 0)
    ) AS said,
    cityHash64(coalesce(site, '')) AS site,
    cityHash64(item, coalesce(lot, '')) AS cell,
    toInt32(if(commissioned_at IS NULL, -1, intDiv(toUnixTimestamp64Milli(assumeNotNull(commissioned_at)), 86400000))) AS made,
    toInt64(if(last_event_time IS NULL, 0, toUnixTimestamp64Milli(assumeNotNull(last_event_time)))) AS last_seen
FROM unit_state FINAL;
