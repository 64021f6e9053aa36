-- The alerts of one unit as they stood at a time, the newest first.
-- Grain: one row per alert (kind and opening) with a change received up to {known}, at most {most}.
-- Denominator: none, a list.
-- Late data: the newest change by then holds; `count` is the evidence counted up to that change, with {is_now}
--   up to now, for unit_state counts on while an alert is open.
WITH counted AS (
    SELECT
        arrayMap(alert -> (toString(alert.kind), alert.opening), alerts) AS openings,
        arrayMap(alert -> alert.count, alerts) AS counts
    FROM unit_state FINAL
    WHERE item = {item:String} AND serial = {serial:String}
)

SELECT
    id,
    kind,
    opening,
    argMax(status, (ordinal, n)) AS status, -- noqa: RF03
    greatest(
        argMax(alerts.count, (ordinal, n)),
        if({is_now:Bool}, any(counts)[indexOf(any(openings), (toString(any(kind)), any(opening)))], 0)
    ) AS count, -- noqa: RF03
    argMin(site, (ordinal, n)) AS site, -- noqa: RF03
    tupleElement(argMin(tuple(event_time), (ordinal, n)), 1) AS event_time, -- noqa: RF03
    min(received_at) AS opened_at,
    max(received_at) AS changed_at,
    argMax(author, (ordinal, n)) AS author, -- noqa: RF03
    argMax(reason, (ordinal, n)) AS reason -- noqa: RF03
FROM alerts
LEFT JOIN counted ON TRUE
WHERE
    subject = concat('unit:', if({item:String} = '', {serial:String}, concat({item:String}, '/', {serial:String})))
    AND received_at <= {known:DateTime64(3, 'UTC')}
GROUP BY id, kind, opening
ORDER BY changed_at DESC, id ASC
LIMIT {most:UInt32}
