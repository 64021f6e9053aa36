-- Every column of every view, with what the database itself says of it.
-- Grain: one row per column of a view of this database, in order.
-- Denominator: none, a list.
-- Late data: none; what a view is changes with a migration alone.
SELECT
    columns.table AS view,
    tables.comment AS about,
    columns.name AS column_name,
    columns.type AS column_type,
    columns.comment AS said
FROM system.columns AS columns
INNER JOIN system.tables AS tables ON columns.database = tables.database AND columns.table = tables.name
WHERE columns.database = currentDatabase() AND startsWith(columns.table, 'v_')
ORDER BY columns.table ASC, columns.position ASC
