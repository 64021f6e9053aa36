-- How long shipments take, as lives of shipments: when at risk of being received, and whether they were.
-- Grain: one row per supplier, site and destination, span (ALL; RECENT: the last 7 days before {data_end}; BEFORE: the 56 days
--   before these), entry, exit and event; `many` shipments are alike. Minutes since the shipment; at risk on (entry, exit].
-- Denominator: shipments to a named destination; those not received there are censored when they ended otherwise, or at
--   {data_end}. In RECENT and BEFORE a shipment counts with the part of its time on the way that falls into the span.
-- Late data: newest decisions; scans after {data_end} are ignored, and with them a supplier that was first stated later.
WITH stated_later AS (
    SELECT
        item,
        serial
    FROM v_life_events
    WHERE
        {data_end:DateTime64(3, 'UTC')} < (SELECT assumeNotNull(v_ledger_end.data_end) FROM v_ledger_end)
        AND outcome IN ('ACCEPTED', 'FLAGGED') AND step != 'VOID'
        AND attributes.value[indexOf(attributes.name, 'supplier')] != ''
    GROUP BY item, serial
    HAVING min(event_time) > {data_end:DateTime64(3, 'UTC')}
),

spans AS (
    SELECT
        if((item, serial) IN (SELECT (stated_later.item, stated_later.serial) FROM stated_later), '', supplier) AS supplier,
        site,
        destination,
        shipped_at AS began,
        {data_end:DateTime64(3, 'UTC')} AS until_when,
        closed_at IS NOT NULL AND closed_at <= until_when AS is_closed,
        is_closed AND closed_by = 'RECEIVED' AS is_event,
        if(is_closed, assumeNotNull(closed_at), until_when) AS ended
    FROM v_lead_times
    WHERE shipped_at <= until_when
)

SELECT
    supplier,
    site,
    destination,
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
GROUP BY supplier, site, destination, span, entry, exit, event, is_open
ORDER BY supplier ASC, site ASC, destination ASC, span ASC, entry ASC, exit ASC, event ASC, is_open ASC
