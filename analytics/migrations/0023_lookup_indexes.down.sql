ALTER TABLE unit_events DROP INDEX IF EXISTS by_receipt, DROP INDEX IF EXISTS by_other_unit; -- noqa: PRS
