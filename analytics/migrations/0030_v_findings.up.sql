-- Every statement of a finding: what a sensor or a scheduled query saw of a unit, site, lot or item, with its evidence.
-- Grain: one row per record FINDING that names a kind; `result` says whether it was applied. Denominator: none, a list.
-- Late data: a finding that holds no more has a later row with holds = false.
CREATE VIEW IF NOT EXISTS v_findings AS
SELECT
    subject,
    JSONExtractString(content, 'kind') AS kind,
    id,
    fromUnixTimestamp64Milli(JSONExtract(content, 'window', 'from', 'Int64'), 'UTC') AS window_from,
    if(
        isNull(JSONExtract(content, 'window', 'to', 'Nullable(Int64)')),
        NULL,
        fromUnixTimestamp64Milli(JSONExtract(content, 'window', 'to', 'Int64'), 'UTC')
    ) AS window_to,
    JSONExtractString(content, 'window', 'name') AS window_name,
    JSONExtractBool(content, 'holds') AS holds,
    JSONExtractRaw(content, 'evidence') AS evidence,
    JSONExtractString(content, 'site') AS site,
    result,
    reason,
    toUInt32OrZero(extract(reason, 'opening ([0-9]+)')) AS opening,
    toUInt64OrZero(extract(reason, 'count ([0-9]+)')) AS count,
    author,
    received_at,
    `partition`,
    ordinal
FROM acts
WHERE acts.kind = 'FINDING' AND kind != '';
