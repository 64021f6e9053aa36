-- The unit of each revision as one number, as in unit_events.
-- Grain and late data: as unit_revisions.
ALTER TABLE unit_revisions
ADD COLUMN IF NOT EXISTS unit_id UInt64
MATERIALIZED cityHash64(if(item = '', serial, concat(item, '/', serial)))
COMMENT 'the unit as a number: cityHash64 of its key' -- noqa: PRS
AFTER serial;
