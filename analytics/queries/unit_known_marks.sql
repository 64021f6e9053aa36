-- Who had custody of one unit, what flags it bore and when it expired, as the ledger knew it at a time; its chain of owners.
-- Grain: one row.
-- Denominator: scans received up to {known} whose newest decision by then is ACCEPTED or FLAGGED, as `unit_known_state`, from
--   the COMMISSION of its present life on; before them what the label was given that it goes on for (ALIAS), as told by then.
-- custody: by the last scan whose step the lifecycle does not let keep it: {taking}, {giving} (the destination, if any) or any
--   other of {handing}. flags: those set and not unset, and that of the last disposition. owners: of applied TRANSFER scans.
-- Late data: a scan, a revision or a label that was received later changes nothing here.
WITH told AS (
    SELECT argMax(content, ordinal) AS newest
    FROM acts
    WHERE
        kind = 'ALIAS' AND result = 'APPLIED' AND subject = {unit:String} AND received_at <= {known:DateTime64(3, 'UTC')}
    GROUP BY JSONExtractString(content, 'alias')
),

heirs AS (
    SELECT
        fromUnixTimestamp64Milli(JSONExtractInt(newest, 'since'), 'UTC') AS since,
        JSONExtractString(newest, 'life', 'custody') AS custody,
        JSONExtract(newest, 'life', 'flags', 'Array(String)') AS flags,
        JSONExtract(newest, 'life', 'plain', 'Array(String)') AS plain,
        nullIf(JSONExtract(newest, 'life', 'expiry', 'Nullable(Int32)'), -1) AS expiry_days
    FROM told
    WHERE JSONType(newest, 'since') != 'Null'
    ORDER BY since ASC, JSONExtractString(newest, 'alias') ASC
    LIMIT 1
),

seen AS (
    SELECT *
    FROM unit_events
    WHERE item = {item:String} AND serial = {serial:String} AND received_at <= {known:DateTime64(3, 'UTC')}
),

revised AS (
    SELECT
        `partition`,
        ordinal,
        argMax((outcome, reason, state_before), sequence) AS newest,
        count() AS times
    FROM unit_revisions
    WHERE
        item = {item:String} AND serial = {serial:String} AND received_at <= {known:DateTime64(3, 'UTC')}
        AND (`partition`, ordinal) IN (SELECT (`partition`, ordinal) FROM seen)
    GROUP BY `partition`, ordinal
),

applied AS (
    SELECT
        (event_time, origin = 'DERIVED', has({ending_steps:Array(String)}, step), ordinal) AS place,
        step = 'COMMISSION' AND if(times > 0, newest.2, reason) = 'NONE'
        AND coalesce(if(times > 0, newest.3, state_before), 'NONE') NOT IN ('', 'NONE') AS is_anew,
        has({handing:Array(String)}, step) AS hands,
        multiIf(
            has({taking:Array(String)}, step), toString(site), has({giving:Array(String)}, step),
            coalesce(toString(destination), ''), ''
        ) AS custody,
        splitByChar(' ', coalesce(toString(flags_set), '')) AS sets,
        splitByChar(' ', coalesce(toString(flags_unset), '')) AS unsets,
        coalesce(toString(condition), '') AS disposition,
        if(expiry_days < 0, 0, expiry_days) AS expiry_days,
        if(
            step = 'TRANSFER', coalesce(
                nullIf(attributes.value[indexOf(attributes.name, 'owner')], ''), -- noqa: RF01
                attributes.value[indexOf(attributes.name, 'owning_party')] -- noqa: RF01
            ), ''
        ) AS owner
    FROM seen
    LEFT ANY JOIN revised USING (`partition`, ordinal)
    WHERE
        if(times > 0, newest.1, outcome) IN ('ACCEPTED', 'FLAGGED')
        AND if(times > 0, newest.2, reason) != 'RETIRED_LABEL' AND step != 'VOID'
),

marks AS (
    SELECT *
    FROM applied
    UNION ALL
    SELECT
        (since, FALSE, FALSE, toUInt64(0)) AS place,
        FALSE AS is_anew,
        TRUE AS hands,
        custody,
        flags AS sets,
        CAST([], 'Array(String)') AS unsets,
        if(empty(plain), 'none', plain[1]) AS disposition,
        expiry_days,
        '' AS owner
    FROM heirs
    WHERE since <= (SELECT min(place.1) FROM applied)
),

flags AS (
    SELECT
        flag,
        argMax(holds, (place, NOT holds)) AS is_set
    FROM marks -- noqa: AL04
    ARRAY JOIN arrayConcat(arrayMap(one -> (one, TRUE), sets), arrayMap(one -> (one, FALSE), unsets)) AS told_flag
    LEFT ARRAY JOIN [told_flag.1] AS flag, [told_flag.2] AS holds
    WHERE flag != '' AND place >= (SELECT maxIf(begun.place, begun.is_anew) FROM marks AS begun)
    GROUP BY flag
)

SELECT
    nullIf(argMaxIf(custody, place, hands), '') AS custody,
    arrayStringConcat(arraySort(arrayDistinct(arrayFilter(
        one -> has({flags:Array(String)}, one),
        arrayPushBack(
            (SELECT groupArrayIf(flag, is_set) FROM flags), argMaxIf(disposition, place, disposition != '')
        )
    ))), ' ') AS flags,
    argMaxIf(expiry_days, place, expiry_days IS NOT NULL) AS last_expiry,
    if(last_expiry BETWEEN -25567 AND 120529, addDays(toDate32('1970-01-01'), last_expiry), NULL) AS expiry,
    arrayMap(one -> one.2, arraySort(groupArrayIf((place, owner), owner != ''))) AS owners
FROM marks
WHERE place >= (SELECT maxIf(begun.place, begun.is_anew) FROM marks AS begun)
