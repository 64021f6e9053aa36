-- Alerts as the console lists them: filtered, the newest first, with the evidence counted so far.
-- Grain: one row per alert (subject, kind, opening), `most` of them after `skip`; `found` is how many there are in all.
--   A filter left empty lets everything through; `item` is whole, `subject` and `site` may be parts. With `is_exact`
--   `site` is the whole name of where an alert was opened, or of the site it is about. `opened_from_ms` and
--   `opened_to_ms` are milliseconds since 1970, both included.
-- Denominator: none, a list.
-- assignee: who looks after it, by the newest act that was applied to the opening; empty for nobody.
-- Late data: the newest change of an alert holds. Unlike v_alerts, evidence is looked up for the listed alerts alone, so
--   that the list costs the same however many units there are.
WITH
newest AS (
    SELECT
        id,
        any(alerts.subject) AS subject,
        any(alerts.kind) AS kind,
        any(alerts.opening) AS opening,
        argMax(alerts.status, (ordinal, n)) AS status,
        argMax(alerts.count, (ordinal, n)) AS counted,
        argMax(alerts.author, (ordinal, n)) AS author,
        argMax(alerts.reason, (ordinal, n)) AS reason,
        argMin(alerts.site, (ordinal, n)) AS site,
        tupleElement(argMin(tuple(alerts.event_time), (ordinal, n)), 1) AS event_time,
        min(received_at) AS opened_at,
        max(received_at) AS changed_at
    FROM alerts
    WHERE
        (empty({kinds:Array(String)}) OR has({kinds:Array(String)}, alerts.kind))
        AND (empty({ids:Array(String)}) OR has({ids:Array(String)}, id))
    GROUP BY id
),

listed AS (
    SELECT
        *,
        if(startsWith(subject, 'unit:'), substring(subject, 6), '') AS unit_key,
        arrayStringConcat(arrayPopBack(splitByChar('/', unit_key)), '/') AS item,
        arrayElement(splitByChar('/', unit_key), -1) AS serial,
        toInt64(count() OVER ()) AS found
    FROM newest
    WHERE
        (empty({statuses:Array(String)}) OR has({statuses:Array(String)}, status))
        AND (empty({subject:String}) OR positionCaseInsensitive(subject, {subject:String}) > 0)
        AND (empty({item:String}) OR item = {item:String} OR subject = concat('item:', {item:String}))
        AND (
            empty({site:String})
            OR if(
                {is_exact:UInt8} = 1,
                multiIf(notEmpty(site), site, startsWith(subject, 'site:'), substring(subject, 6), '') = {site:String},
                positionCaseInsensitive(site, {site:String}) > 0
                OR (startsWith(subject, 'site:') AND positionCaseInsensitive(subject, {site:String}) > 0)
            )
        )
        AND toUnixTimestamp64Milli(opened_at) BETWEEN {opened_from_ms:Int64} AND {opened_to_ms:Int64}
    ORDER BY opened_at DESC, id ASC
    LIMIT {most:UInt32} OFFSET {skip:UInt32}
),

evidence AS (
    SELECT
        concat('unit:', unit_key) AS subject,
        arrayMap(alert -> (alert.kind, alert.opening), alerts) AS openings,
        arrayMap(alert -> alert.count, alerts) AS counts
    FROM unit_state FINAL
    WHERE (item, serial) IN (SELECT (item, serial) FROM listed)
),

findings AS (
    SELECT
        subject,
        kind,
        opening,
        argMax(count, v_findings.ordinal) AS stated,
        true AS has_stated
    FROM v_findings
    WHERE result = 'APPLIED' AND subject IN (SELECT subject FROM listed)
    GROUP BY subject, kind, opening
),

assigned AS (
    SELECT
        if(match(acts.subject, '^(unit|site|lot|item):'), acts.subject, concat('unit:', acts.subject)) AS subject,
        JSONExtractString(content, 'kind') AS kind,
        toUInt32(JSONExtractUInt(content, 'opening')) AS opening,
        argMax(JSONExtractString(content, 'to'), acts.ordinal) AS assignee
    FROM acts
    WHERE
        acts.kind = 'ALERT_ASSIGN' AND result = 'APPLIED'
        AND (acts.subject IN (SELECT subject FROM listed) OR acts.subject IN (SELECT unit_key FROM listed))
    GROUP BY subject, kind, opening
)

SELECT
    id,
    subject,
    unit_key,
    item,
    serial,
    toString(kind) AS kind,
    opening,
    status,
    multiIf(
        has(openings, (toString(kind), opening)), counts[indexOf(openings, (toString(kind), opening))],
        has_stated, stated,
        counted
    ) AS count,
    site,
    event_time,
    opened_at,
    changed_at,
    author,
    reason,
    assignee,
    found
FROM listed
LEFT ANY JOIN evidence USING (subject)
LEFT ANY JOIN findings USING (subject, kind, opening)
LEFT ANY JOIN assigned USING (subject, kind, opening)
ORDER BY opened_at DESC, id ASC
