-- Findings of one kind and author as they were stated last, whatever came of it.
-- Grain: one row per finding.
-- Denominator: none, a list.
-- Late data: the statement with the highest ordinal holds.
SELECT
    subject,
    holds,
    toUnixTimestamp64Milli(window_from) AS begins,
    if(isNull(window_to), NULL, toUnixTimestamp64Milli(assumeNotNull(window_to))) AS ends,
    window_name,
    site
FROM v_findings
WHERE kind = {kind:String} AND author = {author:String}
ORDER BY ordinal DESC
LIMIT 1 BY id
