-- The unit of each scan as one number: what reads all of the ledger groups by it in a quarter of the time that item and serial
-- take, and joins on it.
-- Grain and late data: as unit_events. Two units have the same number once in some 370,000 ledgers of 10,000,000 units.
-- Rows of before have it worked out whenever it is read, until parts merge, or by MATERIALIZE COLUMN.
ALTER TABLE unit_events
ADD COLUMN IF NOT EXISTS unit_id UInt64
MATERIALIZED cityHash64(if(item = '', serial, concat(item, '/', serial)))
COMMENT 'the unit as a number: cityHash64 of its key' -- noqa: PRS
AFTER serial;
