-- Sites at which what an ERP states is on hand is not what the ledger had there at that time.
-- Stands on: reconciliation
-- Grain: one row per site with an item that differs by `least_units` units and by `least_share` of the greater of the two;
--   the window begins at the time of the site's newest statement and goes on, so the same statement is one finding.
-- Denominator: items that a statement of the site names or the ledger had there (`counts_unstated`: 0 leaves out the ones
--   that no statement names). A statement is looked at `settle_hours` after its time, for scans come late; before that the
--   one before it counts.
-- Late data: a scan of before that time counts whenever it comes, so a difference that it explains holds no more.
WITH judged AS (
    SELECT
        item,
        site,
        as_of,
        erp,
        ledger,
        difference,
        (isNotNull(erp) OR {counts_unstated:UInt8} = 1)
        AND abs(difference) >= {least_units:Int64}
        AND abs(difference) >= {least_share:Float64} * greatest(ledger, coalesce(erp, 0)) AS is_off
    FROM reconciliation
)

SELECT
    concat('site:', site) AS subject,
    toUnixTimestamp64Milli(max(as_of)) AS window_from,
    CAST(NULL AS Nullable(Int64)) AS window_to,
    '' AS window_name,
    site AS site_name,
    toJSONString(map(
        'as_of', toString(max(as_of)),
        'items_that_differ', toString(countIf(is_off)),
        'items_compared', toString(count()),
        'units_more_than_stated', toString(sumIf(difference, is_off AND difference > 0)),
        'units_fewer_than_stated', toString(-sumIf(difference, is_off AND difference < 0)),
        'greatest', arrayStringConcat(arrayMap(
            one -> concat(one.2, ': stated ', coalesce(toString(one.3), 'nothing'), ', on hand ', toString(one.4)),
            arraySlice(arraySort(
                one -> (-one.1, one.2), groupArrayIf((abs(difference), item, erp, ledger), is_off)
            ), 1, {most_named:UInt32})
        ), '; ')
    )) AS evidence
FROM judged
GROUP BY site
HAVING countIf(is_off) > 0
ORDER BY subject ASC
