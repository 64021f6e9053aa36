-- What a unit belongs to, the flags that hold, its expiry.
-- Grain and late data: as unit_state. A unit that has not changed since has none of them.
ALTER TABLE unit_state
ADD COLUMN IF NOT EXISTS container Nullable(String) COMMENT 'unit key of the container it is in', -- noqa: PRS
ADD COLUMN IF NOT EXISTS parent Nullable(String) COMMENT 'unit key of what it is installed in',
ADD COLUMN IF NOT EXISTS alias_of Nullable(String) COMMENT 'unit key under which it goes on, where this label is retired',
ADD COLUMN IF NOT EXISTS flags LowCardinality(Nullable(String))
COMMENT 'flags that hold: lower-case dispositions (CBV), sorted, one space between',
ADD COLUMN IF NOT EXISTS expiry_days Nullable(Int32) COMMENT 'expiry date in days since 1970-01-01, as in unit_events',
ADD COLUMN IF NOT EXISTS members UInt64 COMMENT 'units known to be in it or part of it';
