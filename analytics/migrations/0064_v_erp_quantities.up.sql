-- Quantities that ERPs state, as they count: of each item at each site the newest.
-- Grain: one row per item and site that a whole statement names. Newest by the time it is of, then by when it was loaded.
-- Denominator: none, a list. Late data: does not matter, these are acts.
CREATE VIEW IF NOT EXISTS v_erp_quantities AS
WITH whole AS (
    SELECT
        concat('erp:', statement) AS subject,
        statement,
        as_of,
        loaded_at
    FROM v_erp_statements
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
LIMIT 1 BY item, site;

ALTER TABLE v_erp_quantities -- noqa: PRS
COMMENT COLUMN item 'class of the unit',
COMMENT COLUMN site 'the site',
COMMENT COLUMN quantity 'units on hand, as the ERP states',
COMMENT COLUMN as_of 'when that was so',
COMMENT COLUMN loaded_at 'when the statement was received',
COMMENT COLUMN statement 'id of the statement',
MODIFY COMMENT 'Quantities that ERPs state, of each item at each site the newest';
