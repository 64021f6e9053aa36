-- Quantities that ERPs state, as they count: of each item at each site the newest.
-- Grain: one row per item and site that a whole statement names. Newest by the time it is of, then by when it was loaded.
-- Denominator: none, a list; statements of a time {settle_hours} before {now_ms} or earlier.
-- Late data: does not matter, these are acts.
WITH whole AS (
    SELECT
        concat('erp:', statement) AS subject,
        statement,
        as_of,
        loaded_at
    FROM v_erp_statements
    WHERE toUnixTimestamp64Milli(as_of) <= {now_ms:Int64} - toInt64(3600000 * {settle_hours:Float64})
),

told AS (
    SELECT
        subject,
        arrayJoin(JSONExtract(content, 'quantities', 'Array(Tuple(String, String, UInt64))')) AS row
    FROM acts
    WHERE kind = 'ERP_STATEMENT' AND result = 'APPLIED' AND subject IN (SELECT subject FROM whole)
)

SELECT
    row.1 AS item,
    row.2 AS site,
    toInt64(row.3) AS quantity,
    as_of,
    loaded_at,
    statement
FROM told
INNER JOIN whole USING (subject)
ORDER BY item ASC, site ASC, as_of DESC, loaded_at DESC, statement DESC
LIMIT 1 BY item, site
