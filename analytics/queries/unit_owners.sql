-- Whose a unit has been in its present life, by pseudonym, in turn.
-- Grain: one row.
-- Denominator: applied TRANSFER scans that name an owner, from the COMMISSION of its present life on; as `unit_known_marks`, now.
-- Late data: by event_time and newest decisions.
WITH revised AS (
    SELECT
        `partition`,
        ordinal,
        argMax((outcome, reason, state_before), sequence) AS newest,
        count() AS times
    FROM unit_revisions
    WHERE
        (`partition`, ordinal) IN (
            SELECT
                `partition`,
                ordinal
            FROM unit_events
            WHERE item = {item:String} AND serial = {serial:String} AND step IN ('COMMISSION', 'TRANSFER')
        )
    GROUP BY `partition`, ordinal
),

told AS (
    SELECT
        (event_time, origin = 'DERIVED' AND substring(scan_id, 17, 1) < '4', ordinal) AS place,
        step = 'COMMISSION' AND if(times > 0, newest.2, reason) = 'NONE'
        AND if(times > 0, newest.3, state_before) NOT IN ('', 'NONE') AS is_anew,
        if(
            step = 'TRANSFER', coalesce(
                nullIf(attributes.value[indexOf(attributes.name, 'owner')], ''), -- noqa: RF01
                attributes.value[indexOf(attributes.name, 'owning_party')] -- noqa: RF01
            ), ''
        ) AS owner
    FROM unit_events
    LEFT ANY JOIN revised USING (`partition`, ordinal)
    WHERE
        item = {item:String} AND serial = {serial:String} AND step IN ('COMMISSION', 'TRANSFER')
        AND if(times > 0, newest.1, outcome) IN ('ACCEPTED', 'FLAGGED')
        AND if(times > 0, newest.2, reason) != 'RETIRED_LABEL'
),

turns AS (
    SELECT
        maxIf(place, is_anew) AS begun,
        arraySort(groupArrayIf((place, owner), owner != '')) AS owned
    FROM told
)

SELECT arrayMap(one -> one.2, arrayFilter(one -> one.1 >= begun, owned)) AS owners
FROM turns
