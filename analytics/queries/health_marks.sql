-- How far each partition has come in ClickHouse: the stream that is furthest behind, and when it was written last.
-- Grain: one row per partition that the sink has ever written.
-- Denominator: none, a list.
-- Late data: marks are of what is accounted for, in the order of the ledger; event times play no part.
SELECT
    `partition`,
    min(marks.scans_next) AS scans_next,
    min(marks.internal_next) AS internal_next,
    min(marks.ordinal) AS ordinal,
    max(marks.written_at) AS written_at,
    argMin(marks.stream, marks.scans_next) AS slowest
FROM sink_marks AS marks FINAL
GROUP BY `partition`
ORDER BY `partition`
