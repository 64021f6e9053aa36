-- Which units that failed have which of some attribute values.
-- Stands on: unit_values
-- Grain: one row per unit that had the {event} and (attribute, value) of {names} and {texts}, the two read side by side.
-- Denominator: none.
-- Late data: as `unit_values`.
SELECT
    pair.1 AS attribute,
    pair.2 AS value,
    item,
    serial
FROM unit_values
ARRAY JOIN pairs AS pair
WHERE is_event AND has(arrayZip({names:Array(String)}, {texts:Array(String)}), pair)
ORDER BY item ASC, serial ASC, attribute ASC, value ASC
