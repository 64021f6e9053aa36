-- Units found damaged at a site, of the units seen there.
-- Grain: one row per item and site with an applied scan; only sites that ever state a condition or a flag.
-- Denominator: distinct units with an applied scan at the site.
-- Numerator: those with an applied scan at the site whose condition or newly set flags say `damaged`.
-- Late data: newest decisions; scans after the end of the ledger (v_ledger_end) are ignored. Units without an item are in no row.
CREATE VIEW IF NOT EXISTS v_damage AS
SELECT
    item,
    toString(site) AS site,
    toInt64(uniqExact(serial)) AS units,
    toInt64(uniqExactIf(
        serial,
        has(splitByChar(' ', coalesce(toString(condition), '')), 'damaged')
        OR has(splitByChar(' ', coalesce(toString(flags_set), '')), 'damaged')
    )) AS damaged
FROM v_life_events
WHERE
    outcome IN ('ACCEPTED', 'FLAGGED') AND step != 'VOID' AND item != ''
    AND event_time <= (SELECT assumeNotNull(data_end) FROM v_ledger_end)
    AND site IN (
        SELECT site
        FROM v_life_events AS sent
        WHERE
            outcome IN ('ACCEPTED', 'FLAGGED') AND step != 'VOID' AND event_time <= (SELECT assumeNotNull(data_end) FROM v_ledger_end)
            AND (coalesce(condition, '') != '' OR coalesce(flags_set, '') != '')
    )
GROUP BY item, site
ORDER BY item ASC, site ASC;

ALTER TABLE v_damage -- noqa: PRS
COMMENT COLUMN item 'class of the unit',
COMMENT COLUMN site 'the site; only those that ever state a condition or a flag',
COMMENT COLUMN units 'units with an applied scan at the site',
COMMENT COLUMN damaged 'of them, units that a scan there stated damaged',
MODIFY COMMENT 'Units found damaged, of units seen';
