-- A count of a place against what the ledger says stood there, when the count began and when each unit was counted.
-- Stands on: sightings
-- Grain: one row per unit that stood at the place when the count began, was counted under the document, or left meanwhile.
-- Denominator: none, a list; units that came or left while the count ran are told apart, they are no variance.
-- Concerned: only units ever seen at the place or under the document, and relabelled ones, are looked at.
-- Place: the site of a unit's last applied scan before, COUNTs of other documents too, and the last location stated in its
--   stay there; it stands there unless it is with a customer, on its way, installed or ended (as v_life_events says).
-- Labels: a thing stands under the label that it has now, whichever was read.
-- Late data: by newest decision, so a move scanned in time but sent late explains a unit that seemed missing.
WITH counts AS (
    SELECT
        present,
        min(event_time) AS counted_at,
        max(is_recounted) AS is_recounted
    FROM sightings
    GROUP BY present
),

concerned AS (
    SELECT if(item = '', serial, concat(item, '/', serial)) AS unit_key
    FROM unit_events
    WHERE site = {site:String} OR document = {document:String}
    UNION ALL
    SELECT arrayJoin([labels.label, labels.unit_key]) AS unit_key
    FROM v_labels AS labels
),

moves AS (
    SELECT
        if(labels.unit_key = '', seen.unit_key, labels.unit_key) AS present,
        seen.event_time,
        (seen.event_time, seen.step IN ('FAIL', 'RETIRE', 'DESTROY'), seen.ordinal) AS place,
        toString(seen.site) AS site,
        coalesce(seen.location, '') AS location,
        seen.state_after AS state,
        state NOT IN (
            'NONE', '', 'IN_TRANSIT', 'SOLD', 'DISPENSED', 'INSTALLED', 'RETIRED', 'DESTROYED'
        ) AS is_standing,
        is_standing AND seen.site = {site:String} AS is_at_site,
        is_at_site AND ({location:String} = '' OR location = {location:String}) AS is_coming,
        NOT is_at_site OR ({location:String} != '' AND location NOT IN ('', {location:String})) AS is_leaving,
        seen.step = 'COUNT' AS is_count
    FROM v_unit_events AS seen
    LEFT ANY JOIN v_labels AS labels ON seen.unit_key = labels.label
    WHERE
        seen.outcome IN ('ACCEPTED', 'FLAGGED') AND seen.step != 'VOID' AND seen.reason != 'RETIRED_LABEL'
        AND (seen.step != 'COUNT' OR seen.document IS NULL OR seen.document != {document:String})
        AND seen.event_time <= {ended:DateTime64(3, 'UTC')}
        AND seen.unit_key IN (SELECT unit_key FROM concerned)
),

timed AS (
    SELECT
        if(counts.present = '', moves.present, counts.present) AS unit,
        counts.present != '' AS is_counted,
        counts.is_recounted,
        counts.counted_at,
        moves.event_time < {began:DateTime64(3, 'UTC')} AS is_before,
        NOT is_counted OR moves.event_time < counts.counted_at
        OR (moves.event_time = counts.counted_at AND NOT moves.is_count) AS is_by_then,
        moves.place,
        (moves.site, moves.state, moves.is_standing, moves.is_at_site) AS whereabouts,
        (moves.place, moves.location) AS stated,
        moves.is_at_site AND moves.location != '' AS is_stated,
        moves.is_at_site,
        NOT is_before AND moves.is_coming AS is_coming,
        NOT is_before AND moves.is_leaving AS is_leaving
    FROM moves
    FULL OUTER JOIN counts ON moves.present = counts.present
),

stood AS (
    SELECT
        unit,
        any(is_counted) AS was_counted,
        any(is_recounted) AS was_recounted,
        any(counted_at) AS first_counted,
        argMaxIf(whereabouts, place, is_before) AS at_begin,
        argMaxIf(whereabouts, place, is_by_then) AS at_count,
        maxIf(stated, is_before AND is_stated) AS stated_by_begin,
        maxIf(stated, is_by_then AND is_stated) AS stated_by_count,
        if(stated_by_begin.1 > maxIf(place, is_before AND NOT is_at_site), stated_by_begin.2, '') AS location_at_begin,
        if(stated_by_count.1 > maxIf(place, is_by_then AND NOT is_at_site), stated_by_count.2, '') AS location_at_count,
        countIf(is_coming) > 0 AS has_come,
        countIf(is_leaving) > 0 AS has_gone
    FROM timed
    GROUP BY unit
)

SELECT
    unit,
    at_begin.4 AND ({location:String} = '' OR location_at_begin = {location:String}) AS is_expected,
    was_counted AS is_counted,
    was_recounted AS is_recounted,
    NOT is_expected AND at_count.4 AND ({location:String} = '' OR location_at_count = {location:String}) AS has_arrived,
    has_gone AND (is_expected OR has_come) AS has_left,
    at_count.3 AND at_count.1 != ''
    AND (NOT at_count.4 OR ({location:String} != '' AND location_at_count NOT IN ('', {location:String}))) AS is_elsewhere,
    if(is_counted AND NOT is_expected, at_count.1, at_begin.1) AS former_site,
    if(is_counted AND NOT is_expected, location_at_count, location_at_begin) AS former_location,
    if(is_counted AND NOT is_expected, at_count.2, at_begin.2) AS former_state,
    if(is_counted, first_counted, NULL) AS counted_at
FROM stood
WHERE is_expected OR is_counted OR has_left
ORDER BY unit
