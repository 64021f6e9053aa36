-- How long units stayed after a step at a site: in the last `days` whole days, and in the `before_days` before them.
-- Grain: one row per site, step, span of time (is_recent), age at entry and at leaving in minutes, and whether the stay
--   ended; `units` counts such stays. A stay begins with an applied scan of one of `steps` and ends with the unit's next
--   applied scan that is none of `idle_steps`; one that lies in both spans is at risk in both, in the later from the age
--   it had then.
-- Denominator: stays that began in the two spans; what is still going on at the end of a span is censored there.
-- Late data: newest decisions; scans of today are not looked at yet.
WITH
toStartOfDay(fromUnixTimestamp64Milli({now_ms:Int64}, 'UTC')) AS ends,

ends - toIntervalDay({days:UInt32}) AS begins,

begins - toIntervalDay({before_days:UInt32}) AS begins_before,

stays AS (
    SELECT
        toString(site) AS site,
        toString(step) AS step,
        event_time AS began,
        leadInFrame(toNullable(event_time)) OVER (
            PARTITION BY item, serial
            ORDER BY event_time ASC, ordinal ASC
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ) AS ended
    FROM v_life_events
    WHERE
        outcome IN ('ACCEPTED', 'FLAGGED') AND event_time >= begins_before AND event_time < ends
        AND NOT has({idle_steps:Array(String)}, toString(step))
)

SELECT
    site,
    step,
    is_recent,
    if(is_recent, greatest(0, dateDiff('minute', began, begins)), 0) AS entry,
    1 + dateDiff('minute', began, least(coalesce(ended, ends), if(is_recent, ends, begins))) AS leave,
    coalesce(ended <= if(is_recent, ends, begins), false) AS has_ended,
    count() AS units,
    toInt64(toUnixTimestamp(begins)) * 1000 AS window_from,
    CAST(toInt64(toUnixTimestamp(ends)) * 1000 AS Nullable(Int64)) AS window_to
FROM stays
ARRAY JOIN [false, true] AS is_recent
WHERE
    has({steps:Array(String)}, step) AND site != ''
    AND if(is_recent, coalesce(ended, ends) > begins, began < begins)
GROUP BY site, step, is_recent, entry, leave, has_ended
ORDER BY site ASC, step ASC
