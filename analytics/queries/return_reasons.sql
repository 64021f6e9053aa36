-- Why sold units came back: the reasons of their first return.
-- Grain: one row per item and reason (attribute `reason` of the RETURN, else its condition); '' are those without one.
-- Denominator: returned: the item's units that came back with a reason stated.
-- Late data: newest decisions; scans after {data_end} are ignored.
SELECT
    item,
    return_reason AS reason,
    toInt64(count()) AS returns,
    toInt64(sum(if(return_reason = '', 0, returns)) OVER (PARTITION BY item)) AS returned
FROM v_sold_units
WHERE
    sold_at <= {data_end:DateTime64(3, 'UTC')} AND returned_at <= {data_end:DateTime64(3, 'UTC')}
GROUP BY item, return_reason
ORDER BY item ASC, returns DESC, reason ASC
