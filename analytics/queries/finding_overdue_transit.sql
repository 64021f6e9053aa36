-- Units that were shipped more than `days` ago and have not arrived.
-- Stands on: findings_standing
-- Grain: one row per unit in one of `states`, at most `most` of them, those that stand as stated first, then the longest on
--   their way; the window begins with the shipment and goes on.
-- Denominator: none, a list. A retired label is no unit of its own: the thing is looked at under its present label.
-- Late data: a receipt that comes late has changed the unit's state, and the finding holds no more.
SELECT
    concat('unit:', unit_key) AS subject,
    toUnixTimestamp64Milli(assumeNotNull(shipped_at)) AS window_from,
    CAST(NULL AS Nullable(Int64)) AS window_to,
    '' AS window_name,
    toString(site) AS site_name,
    toJSONString(map('shipped_at', toString(shipped_at), 'state', toString(state), 'seen_last_at', site_name)) AS evidence
FROM v_unit_current
WHERE
    has({states:Array(String)}, toString(state)) AND alias_of IS NULL AND shipped_at IS NOT NULL
    AND shipped_at < fromUnixTimestamp64Milli({now_ms:Int64}, 'UTC') - toIntervalDay({days:UInt32})
ORDER BY
    (subject, window_from) IN (
        SELECT
            stated.subject,
            stated.begins
        FROM findings_standing AS stated
        WHERE stated.holds
    ) DESC,
    shipped_at ASC,
    subject ASC
LIMIT {most:UInt32}
