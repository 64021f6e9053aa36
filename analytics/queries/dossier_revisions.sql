-- Every revision of a decision about one unit, with the record that caused it.
-- Grain: one row per revised decision and cause.
-- Denominator: none, a list.
-- Late data: these rows are what late data changed; `ordinal` is the cause's, `revises` the ordinal of the decision.
SELECT
    * EXCEPT (ordinal, caused_by),
    caused_by AS ordinal,
    unit_revisions.ordinal AS revises
FROM unit_revisions
WHERE item = {item:String} AND serial = {serial:String}
ORDER BY caused_by ASC, n ASC
