-- Failures of each lot by age band, on the day they became known.
-- Stands on: unit_lives
-- Grain: one row per item, lot, band and day (since 1970, UTC) of received_at, when the {event} reached the ledger, or of
--   {data_end} where that is earlier: units are at risk until then.
-- Denominator: none; the unit-days are those of `lot_days`.
-- Numerator: the first {event} of a unit, in the band of its age; units without a lot are left out.
-- Late data: by newest decision: a {event} that was taken back is in none of the days.
SELECT
    item,
    last_lot AS lot,
    toInt64(arrayCount(begins -> begins < gone, {bands:Array(Int32)})) AS band,
    toInt64(toInt32(toDate32(least(first_received, {data_end:DateTime64(3, 'UTC')}), 'UTC'))) AS day,
    toInt64(count()) AS failures
FROM unit_lives
WHERE
    how = 'EVENT' AND last_lot != ''
    AND (empty({items:Array(String)}) OR has({items:Array(String)}, item))
GROUP BY item, lot, band, day
ORDER BY item ASC, lot ASC, band ASC, day ASC
