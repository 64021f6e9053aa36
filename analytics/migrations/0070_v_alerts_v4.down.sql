-- Every alert with its newest status, of whatever subject, and who looks after it.
-- Grain: one row per alert id, that is per subject, kind and opening.
-- Late data: evidence is counted in unit_state while an alert is open; `count` is that count where the opening is the
-- unit's latest of its kind, for alerts of findings the count after the last finding that was applied to the opening,
-- else the count at the opening's last change. `assignee` is the newest that was applied to the opening, empty for nobody.
-- One that a late scan disproved is RETRACTED.
CREATE OR REPLACE VIEW v_alerts AS
WITH newest AS (
    SELECT
        id,
        any(subject) AS subject,
        any(kind) AS kind,
        any(opening) AS opening,
        any(`partition`) AS `partition`,
        argMax(status, (alerts.ordinal, n)) AS status,
        argMax(count, (alerts.ordinal, n)) AS counted,
        argMax(author, (alerts.ordinal, n)) AS author,
        argMax(reason, (alerts.ordinal, n)) AS reason,
        argMin(site, (alerts.ordinal, n)) AS site,
        tupleElement(argMin(tuple(event_time), (alerts.ordinal, n)), 1) AS event_time,
        min(received_at) AS opened_at,
        max(received_at) AS changed_at,
        max(alerts.ordinal) AS ordinal
    FROM alerts
    GROUP BY id
),

evidence AS (
    SELECT
        concat('unit:', unit_key) AS subject,
        arrayMap(alert -> (alert.kind, alert.opening), alerts) AS openings,
        arrayMap(alert -> alert.count, alerts) AS counts
    FROM unit_state FINAL
    WHERE notEmpty(alerts)
),

findings AS (
    SELECT
        subject,
        kind,
        opening,
        argMax(count, v_findings.ordinal) AS stated,
        true AS has_stated
    FROM v_findings
    WHERE result = 'APPLIED'
    GROUP BY subject, kind, opening
),

assigned AS (
    SELECT
        if(match(acts.subject, '^(unit|site|lot|item):'), acts.subject, concat('unit:', acts.subject)) AS subject,
        JSONExtractString(content, 'kind') AS kind,
        toUInt32(JSONExtractUInt(content, 'opening')) AS opening,
        argMax(JSONExtractString(content, 'to'), acts.ordinal) AS assignee,
        argMax(acts.author, acts.ordinal) AS assigned_by
    FROM acts
    WHERE acts.kind = 'ALERT_ASSIGN' AND result = 'APPLIED'
    GROUP BY subject, kind, opening
)

SELECT
    id,
    subject,
    if(startsWith(subject, 'unit:'), substring(subject, 6), '') AS unit_key,
    kind,
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
    assigned_by,
    `partition`,
    ordinal
FROM newest
LEFT ANY JOIN evidence USING (subject)
LEFT ANY JOIN findings USING (subject, kind, opening)
LEFT ANY JOIN assigned USING (subject, kind, opening);

ALTER TABLE v_alerts -- noqa: PRS
COMMENT COLUMN id 'hash(subject, kind, opening), 32 hex digits',
COMMENT COLUMN subject 'what it is about: unit:KEY, site:NAME, lot:… or item:…',
COMMENT COLUMN unit_key 'the unit, empty where the subject is no unit',
COMMENT COLUMN kind 'reason or finding that raises it',
COMMENT COLUMN opening 'from 1; new evidence after CLOSED or RETRACTED starts the next',
COMMENT COLUMN status 'OPEN, ACKNOWLEDGED, CLOSED, RETRACTED',
COMMENT COLUMN count 'pieces of evidence so far',
COMMENT COLUMN site 'site of the scan or finding that opened it',
COMMENT COLUMN event_time 'event_time of the scan that opened it',
COMMENT COLUMN opened_at 'when its opening became known (received_at)',
COMMENT COLUMN changed_at 'when its status changed last (received_at)',
COMMENT COLUMN author 'who acted last; empty for the fold',
COMMENT COLUMN reason 'the reason given with that act',
COMMENT COLUMN assignee 'who looks after it, empty for nobody',
COMMENT COLUMN assigned_by 'who said so',
COMMENT COLUMN `partition` 'partition of the records behind it',
COMMENT COLUMN ordinal 'ordinal of its last change',
MODIFY COMMENT 'Every alert with its newest status';
