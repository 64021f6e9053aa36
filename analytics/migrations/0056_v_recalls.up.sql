-- Recalls: what was asked, by whom and when, how many units were on the list, whether it is closed.
-- Grain: one row per recall that was started. Denominator: none, a list.
-- Late data: does not matter, these are acts; of several that close one the first counts.
CREATE VIEW IF NOT EXISTS v_recalls AS
WITH started AS (
    SELECT
        subject,
        author,
        received_at,
        content
    FROM acts
    WHERE kind = 'RECALL_START' AND result = 'APPLIED'
    ORDER BY subject ASC, received_at ASC, ordinal ASC
    LIMIT 1 BY subject
),

closed AS (
    SELECT
        subject,
        author,
        received_at,
        content
    FROM acts
    WHERE kind = 'RECALL_CLOSE' AND result = 'APPLIED'
    ORDER BY subject ASC, received_at ASC, ordinal ASC
    LIMIT 1 BY subject
)

SELECT
    substring(started.subject, 8) AS recall,
    if(closed.subject = '', 'OPEN', 'CLOSED') AS status,
    JSONExtractString(started.content, 'text') AS text,
    JSONExtractRaw(started.content, 'asked') AS asked,
    started.received_at AS started_at,
    started.author AS started_by,
    JSONExtractString(started.content, 'reason') AS reason,
    JSONExtractUInt(started.content, 'units') AS units,
    JSONExtractString(started.content, 'sha256') AS sha256,
    if(closed.subject = '', NULL, closed.received_at) AS closed_at,
    closed.author AS closed_by,
    JSONExtractString(closed.content, 'reason') AS closed_reason,
    JSONExtractUInt(closed.content, 'joined') AS joined_until_closed,
    JSONExtractUInt(closed.content, 'recovered') AS recovered_until_closed
FROM started
LEFT ANY JOIN closed ON started.subject = closed.subject;
