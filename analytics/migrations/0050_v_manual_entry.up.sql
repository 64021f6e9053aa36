-- Scans that were typed in rather than read, by site and reader.
-- Grain: one row per site and reader (empty: none named); only sites that ever send the attribute `entry`.
-- Denominator: applied scans that a device or an import sent: what the ledger derived or corrected was read by nobody.
-- Numerator: those with the attribute entry=manual.
-- Late data: newest decisions; scans after the end of the ledger (v_ledger_end) are ignored.
CREATE VIEW IF NOT EXISTS v_manual_entry AS
SELECT
    toString(site) AS site,
    coalesce(toString(reader), '') AS reader,
    toInt64(count()) AS scans,
    toInt64(countIf(attributes.value[indexOf(attributes.name, 'entry')] = 'manual')) AS manual
FROM v_life_events
WHERE
    outcome IN ('ACCEPTED', 'FLAGGED') AND step != 'VOID' AND origin NOT IN ('DERIVED', 'CORRECTION')
    AND event_time <= (SELECT assumeNotNull(data_end) FROM v_ledger_end)
    AND site IN (
        SELECT site
        FROM v_life_events AS sent
        WHERE
            outcome IN ('ACCEPTED', 'FLAGGED') AND has(attributes.name, 'entry')
            AND event_time <= (SELECT assumeNotNull(data_end) FROM v_ledger_end)
    )
GROUP BY site, reader
ORDER BY site ASC, reader ASC;

ALTER TABLE v_manual_entry -- noqa: PRS
COMMENT COLUMN site 'the site; only those that ever send the attribute `entry`',
COMMENT COLUMN reader 'the device, empty where none is named',
COMMENT COLUMN scans 'applied scans sent by a device or an import',
COMMENT COLUMN manual 'of them, those with entry=manual',
MODIFY COMMENT 'Scans typed in rather than read';
