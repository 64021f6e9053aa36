-- What was removed from the tables of scans and revisions, as accepted: the newest word on each partition.
-- Grain: one row per partition of which something was removed. Denominator: none, a list.
-- Late data: does not matter, these are acts; of several the one with the highest ordinal removed holds.
CREATE VIEW IF NOT EXISTS v_retention AS
SELECT
    `partition`,
    max(JSONExtractUInt(content, 'last_ordinal')) AS last_ordinal,
    fromUnixTimestamp64Milli(
        argMax(JSONExtractInt(content, 'before'), (JSONExtractUInt(content, 'last_ordinal'), ordinal)), 'UTC'
    ) AS removed_before,
    argMax(author, (JSONExtractUInt(content, 'last_ordinal'), ordinal)) AS author,
    argMax(received_at, (JSONExtractUInt(content, 'last_ordinal'), ordinal)) AS accepted_at
FROM acts
WHERE kind = 'RETENTION' AND result = 'APPLIED'
GROUP BY `partition`;
