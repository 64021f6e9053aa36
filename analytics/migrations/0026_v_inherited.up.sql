-- Units that began with the life of a retired label: which one, since when, what they were in then.
-- Grain: one row per such unit. Denominator: units that an ALIAS record was applied to, but for those that had been seen
-- before the label was retired: they kept a life of their own.
-- Late data: of each label its newest ALIAS counts, of several labels the one retired first; a RELABEL that was taken back
-- makes no row.
CREATE VIEW IF NOT EXISTS v_inherited AS
WITH said AS (
    SELECT
        subject AS unit_key,
        JSONExtractString(content, 'alias') AS label,
        argMax(content, ordinal) AS newest,
        max(ordinal) AS told_at
    FROM acts
    WHERE kind = 'ALIAS' AND result = 'APPLIED'
    GROUP BY unit_key, label
),

firsts AS (
    SELECT
        unit_key,
        label,
        fromUnixTimestamp64Milli(JSONExtractInt(newest, 'since'), 'UTC') AS since,
        JSONExtractString(newest, 'life', 'container') AS container,
        JSONExtractString(newest, 'life', 'parent') AS parent,
        JSONExtractString(newest, 'life', 'site') AS site,
        told_at AS ordinal
    FROM said
    WHERE JSONType(newest, 'since') != 'Null'
    ORDER BY unit_key ASC, since ASC, label ASC
    LIMIT 1 BY unit_key
),

begun AS (
    SELECT
        unit_key,
        min(event_time) AS began
    FROM v_unit_events
    WHERE
        outcome IN ('ACCEPTED', 'FLAGGED') AND reason != 'RETIRED_LABEL' AND step != 'VOID'
        AND unit_key IN (SELECT unit_key FROM firsts)
    GROUP BY unit_key
)

SELECT
    firsts.unit_key,
    firsts.label,
    firsts.since,
    if(firsts.container = firsts.unit_key, '', firsts.container) AS container,
    if(firsts.parent = firsts.unit_key, '', firsts.parent) AS parent,
    firsts.site,
    firsts.ordinal
FROM firsts
LEFT ANY JOIN begun ON firsts.unit_key = begun.unit_key
WHERE begun.unit_key = '' OR begun.began >= firsts.since;
