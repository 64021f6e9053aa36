ALTER TABLE alerts DROP INDEX IF EXISTS by_subject; -- noqa: PRS
