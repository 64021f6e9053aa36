-- From when to when a count ran, and where: from its first to its last COUNT by event_time.
-- Stands on: sightings
-- Grain: one row, none where nothing was counted.
-- Denominator: COUNTs that were not refused; where all were, those.
-- Late data: as sightings.
SELECT
    coalesce(minOrNullIf(event_time, last_outcome != 'REJECTED'), min(event_time)) AS began,
    coalesce(maxOrNullIf(event_time, last_outcome != 'REJECTED'), max(event_time)) AS ended,
    argMin(site, (last_outcome = 'REJECTED', event_time)) AS first_site
FROM sightings
HAVING count() > 0
