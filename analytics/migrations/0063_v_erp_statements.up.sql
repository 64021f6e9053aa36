-- What an ERP has stated to be on hand: when it was so, who loaded it, how much it names.
-- Grain: one row per statement that is whole; one of which a part is missing is in no row, and counts nowhere.
-- Denominator: none, a list. Late data: does not matter, these are acts; one loaded later may be of an earlier time.
CREATE VIEW IF NOT EXISTS v_erp_statements AS
WITH parts AS (
    SELECT
        subject,
        author,
        received_at,
        JSONExtractInt(content, 'as_of') AS as_of_ms,
        JSONExtractUInt(content, 'part') AS part,
        JSONExtractUInt(content, 'parts') AS parts,
        JSONLength(content, 'quantities') AS quantities
    FROM acts
    WHERE kind = 'ERP_STATEMENT' AND result = 'APPLIED'
    ORDER BY subject ASC, part ASC, received_at ASC, ordinal ASC
    LIMIT 1 BY subject, part
)

SELECT
    substring(subject, 5) AS statement,
    fromUnixTimestamp64Milli(max(as_of_ms), 'UTC') AS as_of,
    max(received_at) AS loaded_at,
    any(author) AS author,
    toInt64(sum(quantities)) AS quantities,
    toInt64(count()) AS parts
FROM parts
GROUP BY subject
HAVING count() = max(parts.parts)
ORDER BY as_of DESC, loaded_at DESC, statement DESC;

ALTER TABLE v_erp_statements -- noqa: PRS
COMMENT COLUMN statement 'its id',
COMMENT COLUMN as_of 'when that was on hand',
COMMENT COLUMN loaded_at 'when its last part was received',
COMMENT COLUMN author 'who loaded it',
COMMENT COLUMN quantities 'items at sites that it names',
COMMENT COLUMN parts 'records that it came in',
MODIFY COMMENT 'What an ERP has stated to be on hand';
