-- Why sold units came back: the reasons of their first return.
-- Grain: one row per item and reason (attribute `reason` of the RETURN, else its condition); '' are those without one.
-- Denominator: returned: the item's units that came back with a reason stated.
-- Late data: newest decisions; scans after the end of the ledger (v_ledger_end) are ignored.
CREATE VIEW IF NOT EXISTS v_return_reasons AS
SELECT
    item,
    return_reason AS reason,
    toInt64(count()) AS returns,
    toInt64(sum(if(return_reason = '', 0, returns)) OVER (PARTITION BY item)) AS returned
FROM v_sold_units
WHERE
    sold_at <= (SELECT assumeNotNull(data_end) FROM v_ledger_end) AND returned_at <= (SELECT assumeNotNull(data_end) FROM v_ledger_end)
GROUP BY item, return_reason
ORDER BY item ASC, returns DESC, reason ASC;

ALTER TABLE v_return_reasons -- noqa: PRS
COMMENT COLUMN item 'class of the unit',
COMMENT COLUMN reason 'as stated with the unit''s first return; empty where none was',
COMMENT COLUMN returns 'units that came back for it',
COMMENT COLUMN returned 'the item''s units that came back with a reason stated',
MODIFY COMMENT 'Why sold units came back';
