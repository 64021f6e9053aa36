-- What scan v2 says besides: flags set and unset, the EPCIS event it was made of.
-- Grain and late data: as unit_events. Rows of older scans have none of them.
ALTER TABLE unit_events
ADD COLUMN IF NOT EXISTS flags_set LowCardinality(Nullable(String))
COMMENT 'flags that hold from this scan on: lower-case dispositions (CBV), sorted, one space between' AFTER attributes, -- noqa: PRS
ADD COLUMN IF NOT EXISTS flags_unset LowCardinality(Nullable(String))
COMMENT 'flags that hold no longer, likewise' AFTER flags_set,
ADD COLUMN IF NOT EXISTS event Nullable(String) COMMENT 'identity of the EPCIS event it was made of' AFTER flags_unset;
