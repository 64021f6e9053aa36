-- Moves between sites, as scans show them: a unit seen at one site and next at another.
-- Grain: one row per such move; the readers are empty where a scan names none.
-- Denominator: none; whoever counts says which. Seen: ACCEPTED, FLAGGED, or REJECTED as ILLEGAL_TRANSITION, which is what a
--   missing scan leads to.
-- left_scanned: the last scan at the one site left the unit no longer on hand, and a scan there took it off hand: an applied
--   SHIP, SELL or DISPENSE, or one that left it IN_TRANSIT, WITH_CUSTOMER or ENDED and found it otherwise. A unit that is in
--   service, installed or failed has not left by that. came_scanned: the first at the other is an applied ARRIVE, RECEIVE,
--   RETURN or COMMISSION.
-- Late data: newest decisions; scans after {data_end} are ignored. What a container's scan did to its members counts as scanned.
WITH sightings AS (
    SELECT
        site,
        step,
        outcome,
        coalesce(toString(reader), '') AS reader_name,
        lagInFrame(toString(site), 1, '') OVER life AS site_before,
        lagInFrame(reader_name, 1, '') OVER life AS reader_before,
        outcome != 'REJECTED' AND step IN ('SHIP', 'SELL', 'DISPENSE') AS sends,
        outcome != 'REJECTED' AND whereabouts_after IN ('IN_TRANSIT', 'WITH_CUSTOMER', 'ENDED') AS is_away,
        lagInFrame(sends OR is_away, 1, FALSE) OVER life AS was_away,
        anyLastIf(toString(site), sends OR (is_away AND whereabouts_after != whereabouts_before)) OVER earlier AS sent_from
    FROM v_life_events
    WHERE
        (outcome IN ('ACCEPTED', 'FLAGGED') OR (outcome = 'REJECTED' AND reason = 'ILLEGAL_TRANSITION')) AND step != 'VOID'
        AND item != '' AND event_time <= {data_end:DateTime64(3, 'UTC')}
    WINDOW life AS (
        PARTITION BY item, serial ORDER BY event_time ASC, step IN ('FAIL', 'RETIRE', 'DESTROY') ASC, ordinal ASC
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ),
    earlier AS (
        PARTITION BY item, serial ORDER BY event_time ASC, step IN ('FAIL', 'RETIRE', 'DESTROY') ASC, ordinal ASC
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    )
)

SELECT
    site_before,
    reader_before,
    was_away AND sent_from = site_before AS left_scanned,
    toString(site) AS site_now,
    reader_name AS reader_now,
    outcome IN ('ACCEPTED', 'FLAGGED') AND step IN ('ARRIVE', 'RECEIVE', 'RETURN', 'COMMISSION') AS came_scanned
FROM sightings
WHERE site_before NOT IN ('', toString(site))
