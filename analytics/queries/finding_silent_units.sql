-- Units in a state that should not last, which nobody has seen for `days`.
-- Grain: one row per unit in one of `states`, at most `most` of them, those unseen longest first; the window begins with
--   its last applied scan and goes on.
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
ORDER BY last_event_time ASC, subject ASC
LIMIT {most:UInt32}
