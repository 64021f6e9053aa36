-- How far each partition's verdicts are in ClickHouse.
-- Grain: one row per partition.
-- Denominator: none, a look-up.
-- Late data: does not matter, these are marks.
SELECT
    `partition`,
    max(ordinal) AS ordinal
FROM sink_marks
WHERE stream = 'verdicts'
GROUP BY `partition`
ORDER BY `partition`;
