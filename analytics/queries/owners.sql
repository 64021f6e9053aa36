-- Owners by pseudonym: how many units each has now and ever had, and who it is where that was said.
-- Grain: one row per owner.
-- Denominator: owners that an applied TRANSFER names, and those of whom it was said who they are.
-- Late data: as v_owners.
WITH who AS (
    SELECT
        owner,
        person
    FROM persons FINAL
    WHERE {owner:String} = '' OR owner = {owner:String}
),

had AS (
    SELECT
        owner,
        unit_key,
        toUInt8(max(`to` IS NULL)) AS is_now, -- noqa: RF06
        toUInt8(1) AS is_unit
    FROM v_owners
    WHERE {owner:String} = '' OR owner = {owner:String}
    GROUP BY owner, unit_key
    UNION ALL
    SELECT
        owner,
        '' AS unit_key,
        toUInt8(0) AS is_now,
        toUInt8(0) AS is_unit
    FROM who
)

SELECT
    had.owner,
    any(who.person) AS person,
    sum(had.is_now) AS units_now,
    sum(had.is_unit) AS units_ever
FROM had
LEFT ANY JOIN who ON had.owner = who.owner
GROUP BY had.owner
ORDER BY had.owner ASC;
