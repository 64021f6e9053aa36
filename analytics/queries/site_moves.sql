-- Moves between sites, as scans show them: a unit seen at one site and next at another.
-- Grain: one row per such move; the readers are empty where a scan names none.
-- Denominator: none; whoever counts says which. Seen: ACCEPTED, FLAGGED, or REJECTED as ILLEGAL_TRANSITION, which is what a
--   missing scan leads to.
-- left_scanned: the last scan at the one site left the unit no longer on hand (SHIP, SELL …); came_scanned: the first at the
--   other is an applied ARRIVE, RECEIVE, RETURN or COMMISSION.
-- Late data: newest decisions; scans after {data_end} are ignored. What a container's scan did to its members counts as scanned.
WITH sightings AS (
    SELECT
        site,
        step,
        outcome,
        coalesce(toString(reader), '') AS reader_name,
        lagInFrame(toString(site), 1, '') OVER life AS site_before,
        lagInFrame(reader_name, 1, '') OVER life AS reader_before,
        lagInFrame(outcome != 'REJECTED' AND whereabouts_after != 'ON_HAND', 1, FALSE) OVER life AS left_hand_before
    FROM v_life_events
    WHERE
        (outcome IN ('ACCEPTED', 'FLAGGED') OR (outcome = 'REJECTED' AND reason = 'ILLEGAL_TRANSITION')) AND step != 'VOID'
        AND item != '' AND event_time <= {data_end:DateTime64(3, 'UTC')}
    WINDOW life AS (
        PARTITION BY item, serial ORDER BY event_time ASC, step IN ('FAIL', 'RETIRE', 'DESTROY') ASC, ordinal ASC
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    )
)

SELECT
    site_before,
    reader_before,
    left_hand_before AS left_scanned,
    toString(site) AS site_now,
    reader_name AS reader_now,
    outcome IN ('ACCEPTED', 'FLAGGED') AND step IN ('ARRIVE', 'RECEIVE', 'RETURN', 'COMMISSION') AS came_scanned
FROM sightings
WHERE site_before NOT IN ('', toString(site))
