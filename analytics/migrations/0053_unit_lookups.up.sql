-- What is in a container or a product, the retired labels of a unit, and units by their serial alone are found without
-- reading all.
-- Grain and late data: as unit_state. Read them without FINAL to find candidates, then those with it: a bloom filter knows
-- nothing of newer rows. Rows of before are indexed when parts merge, or by MATERIALIZE INDEX.
ALTER TABLE unit_state -- noqa: PRS
ADD INDEX IF NOT EXISTS by_container container TYPE bloom_filter(0.01) GRANULARITY 1,
ADD INDEX IF NOT EXISTS by_parent parent TYPE bloom_filter(0.01) GRANULARITY 1,
ADD INDEX IF NOT EXISTS by_alias_of alias_of TYPE bloom_filter(0.01) GRANULARITY 1,
ADD INDEX IF NOT EXISTS by_serial serial TYPE bloom_filter(0.01) GRANULARITY 1;
