-- Every change of one alert's status.
-- Grain: one row per change, in the order of the ledger.
-- Denominator: none, a list.
-- Late data: an alert that late data disproved has a row RETRACTED.
SELECT
    ordinal,
    received_at,
    event,
    status,
    author,
    reason,
    site
FROM alerts
WHERE id = {id:String}
ORDER BY ordinal ASC, n ASC
