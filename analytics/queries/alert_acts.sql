-- What people did, or tried to do, with one alert.
-- Grain: one row per act, in the order of the ledger.
-- Denominator: none, a list; acts that came too late are here too, as STALE.
-- Late data: none, acts are never revised.
SELECT
    ordinal,
    received_at,
    kind AS act,
    result,
    reason AS why,
    author,
    JSONExtractString(content, 'reason') AS reason,
    JSONExtractString(content, 'to') AS assignee
FROM acts
WHERE
    subject = {subject:String}
    AND startsWith(kind, 'ALERT_')
    AND JSONExtractString(content, 'kind') = {kind:String}
    AND JSONExtractUInt(content, 'opening') = {opening:UInt32}
ORDER BY ordinal ASC
