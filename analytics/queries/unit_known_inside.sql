-- What one unit was in or part of at a time, and what was in it, as the ledger knew it then.
-- Grain: one row per unit: the unit itself, and each that was packed in it or installed in it by what was known then.
-- Denominator: none, a list; scans received up to {known} whose newest decision by then is ACCEPTED or FLAGGED. The rules are
--   the fold's, by the lifecycle of each unit: {ending_steps} come last among scans of one time, and what is in one of its
--   {terminal} states is in nothing; so is a next life, but for what its COMMISSION names. A unit that goes on under a new
--   label begins with what the old one was in (v_inherited), as told by then.
-- Late data: a scan, a revision or a label that was received later changes nothing here.
WITH told AS (
    SELECT
        subject,
        argMax(content, ordinal) AS newest
    FROM acts
    WHERE kind = 'ALIAS' AND result = 'APPLIED' AND received_at <= {known:DateTime64(3, 'UTC')}
    GROUP BY subject, JSONExtractString(content, 'alias')
),

heirs AS (
    SELECT
        subject AS unit_key,
        fromUnixTimestamp64Milli(JSONExtractInt(newest, 'since'), 'UTC') AS since,
        JSONExtractString(newest, 'life', 'container') AS container,
        JSONExtractString(newest, 'life', 'parent') AS parent
    FROM told
    WHERE JSONType(newest, 'since') != 'Null'
    ORDER BY unit_key ASC, since ASC, JSONExtractString(newest, 'alias') ASC
    LIMIT 1 BY unit_key
),

chosen AS (
    SELECT
        item,
        serial
    FROM unit_events
    WHERE
        (
            (item = {item:String} AND serial = {serial:String})
            OR container = {unit:String} OR (other_unit = {unit:String} AND step = 'INSTALL')
        )
        AND received_at <= {known:DateTime64(3, 'UTC')}
    UNION DISTINCT
    SELECT
        arrayStringConcat(arrayPopBack(splitByChar('/', unit_key)), '/') AS item,
        arrayElement(splitByChar('/', unit_key), -1) AS serial
    FROM heirs
    WHERE unit_key = {unit:String} OR container = {unit:String} OR parent = {unit:String}
),

seen AS (
    SELECT
        if(item = '', serial, concat(item, '/', serial)) AS unit_key,
        *
    FROM unit_events
    WHERE (item, serial) IN (SELECT (item, serial) FROM chosen) AND received_at <= {known:DateTime64(3, 'UTC')}
),

revised AS (
    SELECT
        `partition`,
        ordinal,
        argMax((outcome, reason, state_before, state_after), sequence) AS newest,
        count() AS times
    FROM unit_revisions
    WHERE
        received_at <= {known:DateTime64(3, 'UTC')}
        AND (`partition`, ordinal) IN (
            SELECT
                `partition`,
                ordinal
            FROM unit_events
            WHERE (item, serial) IN (SELECT (item, serial) FROM chosen)
        )
    GROUP BY `partition`, ordinal
),

kept AS (
    SELECT
        item,
        serial,
        lifecycle
    FROM unit_state
    WHERE (item, serial) IN (SELECT (item, serial) FROM chosen)
),

applied AS (
    SELECT
        unit_key,
        event_time,
        site,
        if(times > 0, newest.4, state_after) AS state_then,
        has({terminal:Array(Tuple(String, String))}, (toString(lifecycle), toString(state_then))) AS is_end,
        origin = 'DERIVED' AND substring(scan_id, 17, 1) < '4' AS is_derived,
        step = 'COMMISSION' AND if(times > 0, newest.2, reason) = 'NONE'
        AND if(times > 0, newest.3, state_before) NOT IN ('', 'NONE') AS is_anew,
        coalesce(container, '') AS named_container,
        coalesce(other_unit, '') AS named_unit,
        (event_time, has({ending_steps:Array(Tuple(String, String))}, (toString(lifecycle), toString(step))), is_derived, ordinal) AS place,
        multiIf(
            is_end, TRUE,
            step = 'UNPACK', named_container != unit_key,
            is_anew, TRUE,
            is_derived, step = 'PACK',
            step = 'RELABEL', named_unit NOT IN ('', unit_key),
            step IN ('REMOVE', 'REPLACE'), FALSE,
            step IN ('SELL', 'DISPENSE', 'INSTALL'), TRUE,
            named_container NOT IN ('', unit_key)
        ) AS packs,
        if(
            is_end OR step IN ('UNPACK', 'SELL', 'DISPENSE', 'INSTALL', 'RELABEL')
            OR (is_anew AND (is_derived OR named_container = unit_key)), '', named_container
        ) AS packed_in,
        multiIf(
            is_end, TRUE,
            step = 'INSTALL', named_unit NOT IN ('', unit_key),
            step = 'REMOVE', named_unit != unit_key,
            step = 'RELABEL', NOT is_derived AND named_unit NOT IN ('', unit_key),
            is_anew OR step = 'REPLACE'
        ) AS installs,
        if(step = 'INSTALL' AND NOT is_end, named_unit, '') AS installed_in
    FROM seen
    LEFT ANY JOIN revised USING (`partition`, ordinal)
    LEFT ANY JOIN kept USING (item, serial)
    WHERE
        if(times > 0, newest.1, outcome) IN ('ACCEPTED', 'FLAGGED')
        AND if(times > 0, newest.2, reason) != 'RETIRED_LABEL' AND step != 'VOID'
),

lives AS (
    SELECT
        unit_key,
        min(event_time) AS began,
        argMax(state_then, place) AS state,
        argMax(site, place) AS site,
        max(event_time) AS last_event_time,
        max(packs) AS was_packed,
        argMaxIf(packed_in, place, packs) AS last_container,
        max(installs) AS was_installed,
        argMaxIf(installed_in, place, installs) AS last_parent
    FROM applied
    GROUP BY unit_key
)

SELECT
    lives.unit_key,
    multiIf(was_packed, last_container, began >= since AND heirs.container != lives.unit_key, heirs.container, '') AS container,
    multiIf(was_installed, last_parent, began >= since AND heirs.parent != lives.unit_key, heirs.parent, '') AS parent,
    state,
    site,
    last_event_time
FROM lives
LEFT ANY JOIN heirs ON lives.unit_key = heirs.unit_key
WHERE lives.unit_key = {unit:String} OR container = {unit:String} OR parent = {unit:String}
ORDER BY container = {unit:String} DESC, unit_key ASC
