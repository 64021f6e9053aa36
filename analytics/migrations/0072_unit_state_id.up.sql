-- Each unit as one number, as in unit_events.
-- Grain and late data: as unit_state.
ALTER TABLE unit_state
ADD COLUMN IF NOT EXISTS unit_id UInt64
MATERIALIZED cityHash64(unit_key)
COMMENT 'the unit as a number: cityHash64 of its key' -- noqa: PRS
AFTER serial;
