ALTER TABLE unit_revisions DROP COLUMN IF EXISTS unit_id;
