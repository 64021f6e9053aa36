-- Sites in the site table, whether they ever sent a scan or not.
-- Grain: one row per site that any load that was applied names.
-- Denominator: none, a list.
-- Late data: a load counts as soon as the ledger has applied it.
SELECT DISTINCT JSONExtractString(arrayJoin(JSONExtractArrayRaw(content)), 'name') AS site
FROM acts
WHERE kind = 'SITES' AND result = 'APPLIED'
ORDER BY site ASC
