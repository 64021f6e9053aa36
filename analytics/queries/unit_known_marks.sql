-- Who had custody of one unit, what flags it bore and when it expired, as the ledger knew it at a time; its chain of owners.
-- Grain: one row.
-- Denominator: the scans of `unit_events_known` from the COMMISSION of its present life on; before them what the label was
--   given that it goes on for (ALIAS), as told by then.
-- custody: by the last scan whose step the lifecycle does not let keep it: {taking}, {giving} (the destination, if any) or any
--   other of {handing}. flags: those set and not unset, and that of the last disposition. owners: of applied TRANSFER scans.
-- Late data: a scan, a revision or a label that was received later changes nothing here.
-- Stands on: unit_events_known
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

applied AS (
    SELECT
        place,
        is_anew,
        has({handing:Array(String)}, step) AS hands,
        multiIf(
            has({taking:Array(String)}, step), toString(site), has({giving:Array(String)}, step),
            coalesce(toString(destination), ''), ''
        ) AS custody,
        splitByChar(' ', coalesce(toString(flags_set), '')) AS sets,
        splitByChar(' ', coalesce(toString(flags_unset), '')) AS unsets,
        coalesce(toString(condition), '') AS disposition,
        if(expiry_days < 0, 0, expiry_days) AS expiry_days,
        owner
    FROM unit_events_known
),

-- Of each scan: 1 whether it hands the unit on, 2 to whom, 3 flags set, 4 unset, 5 disposition, 6 expiry, 7 owner.
lives AS (
    SELECT
        arraySort(
            one -> one.1,
            groupArray((place, is_anew, (hands, custody, sets, unsets, disposition, expiry_days, owner)))
        ) AS told,
        arrayLastIndex(one -> one.2, told) AS begun,
        arrayMap(one -> one.3, if(begun > 0, arraySlice(told, begun), told)) AS own,
        (
            SELECT
                groupArray((
                    since,
                    (TRUE, custody, flags, CAST([], 'Array(String)'), if(empty(plain), 'none', plain[1]), expiry_days, '')
                ))
            FROM heirs
        ) AS inherited,
        if(begun > 0, [], arrayFilter(one -> one.1 <= tupleElement(tupleElement(told[1], 1), 1), inherited)) AS taken_over,
        arrayConcat(arrayMap(one -> one.2, taken_over), own) AS life
    FROM applied
)

SELECT
    nullIf(tupleElement(arrayLast(one -> one.1, life), 2), '') AS custody,
    arrayStringConcat(arraySort(arrayFilter(
        flag -> flag = tupleElement(arrayLast(one -> one.5 != '', life), 5)
        OR arrayLast(
            turn -> turn != 0, arrayMap(one -> multiIf(has(one.4, flag), -1, has(one.3, flag), 1, 0), life)
        ) = 1,
        {flags:Array(String)}
    )), ' ') AS flags,
    tupleElement(arrayLast(one -> one.6 IS NOT NULL, life), 6) AS last_expiry,
    if(last_expiry BETWEEN -25567 AND 120529, addDays(toDate32('1970-01-01'), last_expiry), NULL) AS expiry,
    arrayFilter(one -> one != '', arrayMap(one -> one.7, life)) AS owners
FROM lives
