ALTER TABLE unit_state -- noqa: PRS
DROP INDEX IF EXISTS by_container,
DROP INDEX IF EXISTS by_parent,
DROP INDEX IF EXISTS by_alias_of,
DROP INDEX IF EXISTS by_serial;
