-- The names of sites that units are at, by their numbers.
-- Grain: one row per site.
-- Denominator: none, a look-up.
-- Late data: as unit_state.
SELECT
    cityHash64(coalesce(site, '')) AS id,
    coalesce(site, '') AS site
FROM unit_state
GROUP BY site;
