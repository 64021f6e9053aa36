-- Failures and unit-days of each attribute value, by item and age band.
-- Stands on: unit_values
-- Grain: one row per attribute, value, item and band; the empty attribute is all units together.
-- Denominator: unit_days, the days at risk in the band: of (entered, gone] those with band begins <= day - 1 < band ends.
--   {bands} are the days at which bands begin; the last has no end. `units` counts each unit in its first band alone.
-- Numerator: failures, the first {event} of a unit, in the band of its day.
-- Late data: as `unit_values`.
SELECT
    pair.1 AS attribute,
    pair.2 AS value,
    item,
    toInt64(span.1) AS band,
    toInt64(sum(span.3 - span.2)) AS unit_days,
    toInt64(countIf(is_event AND span.3 = gone)) AS failures,
    toInt64(countIf(span.2 = entered)) AS units
FROM unit_values
ARRAY JOIN pairs AS pair
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
GROUP BY attribute, value, item, band
ORDER BY attribute ASC, value ASC, item ASC, band ASC
