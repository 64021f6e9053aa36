-- When the units of each lot are at risk in each age band: what to add up for the unit-days of a calendar day.
-- Stands on: unit_lives
-- Grain: one row per item, lot, band and day (since 1970, UTC) on which the number of units at risk changes, by `change`.
-- Denominator: units at risk; those without a lot are left out.
-- Age: day d of (entered, gone] is the calendar day origin_day + d - 1, in the band with begins <= d - 1 < ends; {bands}
--   are the days at which bands begin.
-- Late data: as `unit_lives`.
SELECT
    item,
    last_lot AS lot,
    toInt64(span.1) AS band,
    toInt64(edge.1) AS day,
    toInt64(sum(edge.2)) AS change
FROM unit_lives
ARRAY JOIN
    arrayFilter(
        part -> part.3 > part.2,
        arrayMap(
            (number, begins, ends) -> (number, greatest(entered, begins), least(gone, ends)),
            arrayEnumerate({bands:Array(Int32)}),
            {bands:Array(Int32)},
            arrayPushBack(arrayPopFront({bands:Array(Int32)}), toInt32(2147483647))
        )
    ) AS span
ARRAY JOIN [(origin_day + span.2, 1), (origin_day + span.3, -1)] AS edge
WHERE
    how NOT IN ('UNKNOWN_AGE', 'NEVER_AT_RISK') AND last_lot != ''
    AND (empty({items:Array(String)}) OR has({items:Array(String)}, item))
GROUP BY item, lot, band, day
HAVING change != 0
ORDER BY item ASC, lot ASC, band ASC, day ASC
