-- Alerts of sites that wait for somebody.
-- Grain: one row per alert whose subject is a site and that is open or acknowledged, the newest first.
-- Denominator: none, a list.
-- Late data: the newest change of an alert holds.
SELECT
    id,
    substring(any(subject), 6) AS site,
    any(kind) AS kind,
    argMax(status, (ordinal, n)) AS status,
    min(received_at) AS opened_at
FROM alerts
WHERE startsWith(subject, 'site:')
GROUP BY id
HAVING status IN ('OPEN', 'ACKNOWLEDGED')
ORDER BY opened_at DESC, id ASC
