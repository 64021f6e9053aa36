-- How far each partition has come in ClickHouse: the stream that is furthest behind, and when it was written last.
-- Grain: one row per partition that the sink has ever written; at 0 as long as one of its six streams has no mark.
-- Denominator: none, a list.
-- Late data: marks are of what is accounted for, in the order of the ledger; event times play no part.
SELECT
    `partition`,
    if(count() < 6, 0, min(marks.scans_next)) AS scans_next,
    if(count() < 6, 0, min(marks.internal_next)) AS internal_next,
    if(count() < 6, 0, min(marks.ordinal)) AS ordinal,
    max(marks.written_at) AS written_at,
    argMin(marks.stream, marks.scans_next) AS slowest
FROM sink_marks AS marks FINAL
GROUP BY `partition`
ORDER BY `partition`
