-- Units in a state that should not last, which nobody has seen for `days`.
-- Stands on: findings_standing
-- Grain: one row per unit in one of `states`, at most `most` of them, those that stand as stated first, then those unseen
--   longest; the window begins with its last applied scan and goes on.
-- Denominator: none, a list. A retired label is no unit of its own; a unit in a container or a product is seen with that.
-- Late data: a scan that comes late has changed the unit's row, and the finding holds no more, or is another one.
SELECT
    concat('unit:', unit_key) AS subject,
    toUnixTimestamp64Milli(assumeNotNull(last_event_time)) AS window_from,
    CAST(NULL AS Nullable(Int64)) AS window_to,
    '' AS window_name,
    toString(coalesce(site, '')) AS site_name,
    toJSONString(map('seen_last', toString(last_event_time), 'state', toString(state), 'at', site_name)) AS evidence
FROM v_unit_current
WHERE
    has({states:Array(String)}, toString(state)) AND alias_of IS NULL AND container IS NULL AND parent IS NULL
    AND last_event_time >= fromUnixTimestamp64Milli(0, 'UTC')
    AND last_event_time < fromUnixTimestamp64Milli({now_ms:Int64}, 'UTC') - toIntervalDay({days:UInt32})
ORDER BY
    (subject, window_from) IN (
        SELECT
            stated.subject,
            stated.begins
        FROM findings_standing AS stated
        WHERE stated.holds
    ) DESC,
    last_event_time ASC,
    subject ASC
LIMIT {most:UInt32}
