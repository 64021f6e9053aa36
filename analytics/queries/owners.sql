-- Owners by pseudonym: how many units each has now and ever had, and who it is where that was said.
-- Grain: one row per owner. Denominator: owners that an applied TRANSFER names, and those of whom it was said who they are.
-- Late data: as v_owners.
SELECT
    owner,
    any(who.person) AS person,
    sum(is_now) AS units_now,
    sum(1 - is_only_said) AS units_ever
FROM
(
    SELECT
        owner,
        unit_key,
        toUInt8(max(`to` IS NULL)) AS is_now,
        toUInt8(0) AS is_only_said
    FROM v_owners
    WHERE {owner:String} = '' OR owner = {owner:String}
    GROUP BY owner, unit_key
    UNION ALL
    SELECT
        owner,
        '' AS unit_key,
        toUInt8(0) AS is_now,
        toUInt8(1) AS is_only_said
    FROM persons FINAL
    WHERE {owner:String} = '' OR owner = {owner:String}
) AS had
LEFT ANY JOIN (SELECT owner, person FROM persons FINAL) AS who USING (owner)
GROUP BY owner
ORDER BY owner;
