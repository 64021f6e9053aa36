-- The alerts of one unit, site, lot or item are found without reading all.
-- Grain and late data: as alerts. Rows of before are indexed when parts merge, or by MATERIALIZE INDEX.
ALTER TABLE alerts ADD INDEX IF NOT EXISTS by_subject subject TYPE bloom_filter(0.01) GRANULARITY 1; -- noqa: PRS
