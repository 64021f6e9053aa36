ALTER TABLE unit_events DROP INDEX IF EXISTS by_receipt; -- noqa: PRS
