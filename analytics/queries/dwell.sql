-- How long units stay at a step, as lives of stays: when at risk of moving on, and whether they did.
-- Grain: one row per site and step, span (ALL; RECENT: the last 7 days before {data_end}; BEFORE: the 56 days
--   before these), entry, exit and event; `many` stays are alike. Minutes since it began; at risk on (entry, exit].
-- Denominator: stays on hand; open ones are censored at {data_end}. In RECENT and BEFORE a stay counts with the part of its
--   time that falls into the span.
-- Late data: newest decisions; scans after {data_end} are ignored.
WITH spans AS (
    SELECT
        site,
        step,
        came_at AS began,
        {data_end:DateTime64(3, 'UTC')} AS until_when,
        left_at IS NOT NULL AND left_at <= until_when AS is_closed,
        is_closed AS is_event,
        if(is_closed, assumeNotNull(left_at), until_when) AS ended
    FROM v_dwell
    WHERE came_at <= until_when
)

SELECT
    site,
    step,
    part.1 AS span,
    greatest(intDiv(dateDiff('millisecond', began, part.2), 60000), 0) AS entry,
    if(
        ended <= part.3,
        greatest(intDiv(dateDiff('millisecond', began, ended) + 59999, 60000), 1),
        intDiv(dateDiff('millisecond', began, part.3), 60000)
    ) AS exit,
    is_event AND ended <= part.3 AS event,
    NOT is_closed AS is_open,
    toInt64(count()) AS many
FROM spans
ARRAY JOIN
    [
        ('ALL', toDateTime64(0, 3, 'UTC'), until_when),
        ('RECENT', until_when - toIntervalDay(7), until_when),
        ('BEFORE', until_when - toIntervalDay(63), until_when - toIntervalDay(7))
    ] AS part
WHERE ended > part.2 AND exit > entry
GROUP BY site, step, span, entry, exit, event, is_open
ORDER BY site ASC, step ASC, span ASC, entry ASC, exit ASC, event ASC, is_open ASC
