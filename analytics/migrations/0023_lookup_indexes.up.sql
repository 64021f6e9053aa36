-- The scans of one capture request, by the id in front of `ID/PLACE`, and those that name a unit as the other one, are
-- found without reading all.
-- Grain and late data: as unit_events. Rows of before are indexed when parts merge, or by MATERIALIZE INDEX.
ALTER TABLE unit_events -- noqa: PRS
ADD INDEX IF NOT EXISTS by_receipt substringIndex(receipt, '/', 1) TYPE bloom_filter(0.01) GRANULARITY 1,
ADD INDEX IF NOT EXISTS by_other_unit other_unit TYPE bloom_filter(0.01) GRANULARITY 1;
