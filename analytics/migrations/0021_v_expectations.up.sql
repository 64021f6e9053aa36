-- Every unit that a document expects, as `scanledger expect` or POST /v1/documents said.
-- Grain: one row per document and unit; said twice, the latest holds. Denominator: none, a list.
-- Late data: a document that comes after the scans under it counts as one that came before.
CREATE VIEW IF NOT EXISTS v_expectations AS
SELECT
    subject AS document,
    JSONExtractString(pair, 1) AS unit_key,
    JSONExtractString(pair, 2) AS sale,
    author,
    received_at
FROM acts
ARRAY JOIN JSONExtractArrayRaw(content, 'units') AS pair
WHERE kind = 'DOCUMENT' AND result = 'APPLIED'
ORDER BY document ASC, unit_key ASC, received_at DESC
LIMIT 1 BY document, unit_key;
