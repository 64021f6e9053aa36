-- What ERPs state against what the ledger had on hand at the time they state it of.
-- Grain: one row per item and site that counts by v_erp_quantities, and per item that the ledger had on hand, at the time
--   of the newest statement of a site, where no statement of the site names it (NOT_STATED, compared with 0).
-- Denominator: units of items whose state said on hand then, at the site of their last applied scan up to then, as v_stock
--   has them; sites that no statement names are in no row. difference = ledger - erp.
-- Late data: newest decisions; a scan of before that time counts whenever it comes.
CREATE VIEW IF NOT EXISTS v_reconciliation AS
WITH moments AS (
    SELECT groupUniqArray(as_of) AS as_ofs
    FROM v_erp_quantities
),

latest AS (
    SELECT
        site,
        max(as_of) AS as_of
    FROM v_erp_quantities
    GROUP BY site
),

units AS (
    SELECT
        item,
        serial,
        moment,
        argMax(
            (toString(site), whereabouts_after), (event_time, step IN ('FAIL', 'RETIRE', 'DESTROY'), ordinal)
        ) AS then
    FROM v_life_events
    CROSS JOIN moments
    ARRAY JOIN arrayFilter(one -> one >= event_time, as_ofs) AS moment
    WHERE outcome IN ('ACCEPTED', 'FLAGGED') AND step != 'VOID' AND item != ''
    GROUP BY item, serial, moment
),

on_hand AS (
    SELECT
        item,
        then.1 AS site,
        moment AS as_of,
        toInt64(count()) AS units
    FROM units
    WHERE then.2 = 'ON_HAND' AND site IN (SELECT site FROM latest)
    GROUP BY item, site, moment
),

places AS (
    SELECT
        item,
        site,
        as_of,
        toNullable(quantity) AS erp,
        statement
    FROM v_erp_quantities
    UNION ALL
    SELECT
        on_hand.item,
        on_hand.site,
        on_hand.as_of,
        NULL AS erp,
        '' AS statement
    FROM on_hand
    WHERE
        (site, as_of) IN (SELECT (site, as_of) FROM latest)
        AND (item, site) NOT IN (SELECT (item, site) FROM v_erp_quantities)
)

SELECT
    item,
    site,
    as_of,
    erp,
    units AS ledger,
    ledger - coalesce(erp, 0) AS difference,
    multiIf(
        isNull(erp), 'NOT_STATED', difference = 0, 'AGREES', difference > 0, 'LEDGER_HAS_MORE', 'ERP_HAS_MORE'
    ) AS finding,
    statement
FROM places
LEFT JOIN on_hand USING (item, site, as_of)
ORDER BY item ASC, site ASC;

ALTER TABLE v_reconciliation -- noqa: PRS
COMMENT COLUMN item 'class of the unit',
COMMENT COLUMN site 'the site',
COMMENT COLUMN as_of 'when the quantity was so, and as of when the ledger is asked',
COMMENT COLUMN erp 'quantity stated; NULL where no statement of the site names the item',
COMMENT COLUMN ledger 'units on hand then by the ledger',
COMMENT COLUMN difference 'ledger - erp, above 0 the ledger has more',
COMMENT COLUMN finding 'AGREES, LEDGER_HAS_MORE, ERP_HAS_MORE, NOT_STATED',
COMMENT COLUMN statement 'id of the statement',
MODIFY COMMENT 'What ERPs state is on hand against the ledger';
