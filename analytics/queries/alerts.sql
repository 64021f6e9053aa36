-- Alerts with their newest status and the evidence counted so far, the newest first.
-- Grain: one row per alert (subject, kind, opening), at most `most` of them; a filter left empty lets everything through;
--   `units` are unit keys or subjects.
-- Denominator: none, a list.
-- Late data: the newest record of an alert holds: one disproved by a late scan is RETRACTED, one closed by a person
--   stays closed and later evidence starts the next opening.
SELECT
    id,
    subject,
    unit_key,
    kind,
    opening,
    status,
    count,
    site,
    event_time,
    opened_at,
    changed_at,
    author,
    reason,
    assignee,
    assigned_by
FROM v_alerts
WHERE
    (empty({statuses:Array(String)}) OR has({statuses:Array(String)}, status))
    AND (empty({kinds:Array(String)}) OR has({kinds:Array(String)}, kind))
    AND (
        empty({units:Array(String)})
        OR has({units:Array(String)}, unit_key)
        OR has({units:Array(String)}, subject)
    )
    AND (empty({ids:Array(String)}) OR has({ids:Array(String)}, id))
ORDER BY changed_at DESC, id ASC
LIMIT {most:UInt32}
