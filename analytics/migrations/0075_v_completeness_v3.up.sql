DROP VIEW IF EXISTS v_scan_completeness;

-- Whether a site scans what leaves it and what comes to it: of the moves between sites, those that were scanned at this end.
-- Grain: one row per site.
-- Denominator: departures: a unit seen at the site and next at another; arrivals: a unit seen at the site and before that at
--   another. Seen: ACCEPTED, FLAGGED, or REJECTED as ILLEGAL_TRANSITION, which is what a missing scan leads to.
-- Numerator: departures whose last scan at the site left the unit no longer on hand, and a scan there took it off hand (SHIP,
--   SELL …; not INSTALL or FAIL); arrivals whose first scan there is an applied ARRIVE, RECEIVE, RETURN or COMMISSION.
-- Late data: newest decisions; scans after the end of the ledger (v_ledger_end) are ignored. What a container's scan did to its members counts as scanned.
CREATE VIEW IF NOT EXISTS v_scan_completeness AS
WITH site_moves AS (
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
            AND item != '' AND event_time <= (SELECT assumeNotNull(data_end) FROM v_ledger_end)
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
)

SELECT
    side.1 AS site,
    toInt64(countIf(side.2 = 'DEPARTURE')) AS departures,
    toInt64(countIf(side.2 = 'DEPARTURE' AND side.3)) AS departures_scanned,
    toInt64(countIf(side.2 = 'ARRIVAL')) AS arrivals,
    toInt64(countIf(side.2 = 'ARRIVAL' AND side.3)) AS arrivals_scanned,
    toInt64(count()) AS expected,
    toInt64(countIf(side.3)) AS scanned
FROM site_moves
ARRAY JOIN [(site_before, 'DEPARTURE', left_scanned), (site_now, 'ARRIVAL', came_scanned)] AS side
GROUP BY site
ORDER BY site ASC;

DROP VIEW IF EXISTS v_reader_completeness;

-- Where moves between sites go unscanned: those of v_scan_completeness by the reader that saw the unit last before it left,
--   or first after it came.
-- Grain: one row per site and reader (empty: that scan names none); only sites that ever name a reader. Over its readers a
--   site's counts are those of v_scan_completeness.
-- Denominator: departures whose last scan at the site was this reader's; arrivals whose first scan there was. It is no hit
--   rate of the reader: the scan that nobody made names none, so what a gate misses is counted where the unit was seen instead.
-- Numerator: those in which that scan was the leaving, or the coming one, as in v_scan_completeness.
-- Late data: newest decisions; scans after the end of the ledger (v_ledger_end) are ignored.
CREATE VIEW IF NOT EXISTS v_reader_completeness AS
WITH site_moves AS (
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
            AND item != '' AND event_time <= (SELECT assumeNotNull(data_end) FROM v_ledger_end)
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
)

SELECT
    side.1 AS site,
    side.2 AS reader,
    toInt64(countIf(side.3 = 'DEPARTURE')) AS departures,
    toInt64(countIf(side.3 = 'DEPARTURE' AND side.4)) AS departures_scanned,
    toInt64(countIf(side.3 = 'ARRIVAL')) AS arrivals,
    toInt64(countIf(side.3 = 'ARRIVAL' AND side.4)) AS arrivals_scanned,
    toInt64(count()) AS expected,
    toInt64(countIf(side.4)) AS scanned
FROM site_moves
ARRAY JOIN
    [
        (site_before, reader_before, 'DEPARTURE', left_scanned), (site_now, reader_now, 'ARRIVAL', came_scanned)
    ] AS side
WHERE
    site IN (
        SELECT sent.site
        FROM v_life_events AS sent
        WHERE
            sent.outcome IN ('ACCEPTED', 'FLAGGED') AND coalesce(sent.reader, '') != ''
            AND sent.event_time <= (SELECT assumeNotNull(data_end) FROM v_ledger_end)
    )
GROUP BY site, reader
ORDER BY site ASC, reader ASC;

ALTER TABLE v_scan_completeness -- noqa: PRS
COMMENT COLUMN site 'the site',
COMMENT COLUMN departures 'units seen at the site and next at another',
COMMENT COLUMN departures_scanned 'of them, those whose last scan here took them off hand',
COMMENT COLUMN arrivals 'units seen at the site and before that at another',
COMMENT COLUMN arrivals_scanned 'of them, those whose first scan here is an applied ARRIVE, RECEIVE, RETURN or COMMISSION',
COMMENT COLUMN expected 'departures + arrivals',
COMMENT COLUMN scanned 'of expected, those scanned',
MODIFY COMMENT 'Of moves between sites, those scanned at this end';

ALTER TABLE v_reader_completeness -- noqa: PRS
COMMENT COLUMN site 'the site',
COMMENT COLUMN reader 'the device that saw the unit last before it left, or first after it came; empty where that scan names none',
COMMENT COLUMN departures 'units last seen at the site by it, and next at another site',
COMMENT COLUMN departures_scanned 'of them, those that this scan took off hand',
COMMENT COLUMN arrivals 'units first seen at the site by it, and before that at another site',
COMMENT COLUMN arrivals_scanned 'of them, those where this scan is an applied ARRIVE, RECEIVE, RETURN or COMMISSION',
COMMENT COLUMN expected 'departures + arrivals',
COMMENT COLUMN scanned 'of expected, those scanned',
MODIFY COMMENT 'Where moves between sites go unscanned, by the reader that saw the unit instead';
