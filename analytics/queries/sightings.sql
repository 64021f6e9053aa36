-- The times that units were seen under a document by some of its steps, each under the label that its thing has now.
-- Grain: one row per unit, step, time and site; `scans` are the readings of that moment that are none of the others'.
-- Denominator: none, a list; a redelivered copy is its original once more, and no row.
-- Labels: a scan of a retired label is what it was forwarded as; it stands for itself where nothing was forwarded under the
--   document (a mode blocked it, or the RELABEL came late).
-- Counts: a COUNT that breaks the contract or is older than what is remembered was not seen at the time that it says.
-- Late data: by newest decision; a scan taken back is no sighting, a refused one is (somebody had the unit in hand).
SELECT
    if(labels.unit_key = '', seen.unit_key, labels.unit_key) AS present,
    seen.step,
    seen.event_time,
    toString(seen.site) AS site,
    groupUniqArray(seen.unit_key) AS labels_read,
    groupUniqArray(assumeNotNull(seen.container)) AS containers,
    countIf(seen.reason NOT IN ('RETRACTED', 'RETIRED_LABEL')) AS own,
    toInt64(greatest(own, 1)) AS scans,
    max(seen.ordinal) AS last_ordinal,
    argMax(seen.outcome, (seen.reason NOT IN ('RETRACTED', 'RETIRED_LABEL'), seen.ordinal)) AS last_outcome,
    argMax(seen.reason, (seen.reason NOT IN ('RETRACTED', 'RETIRED_LABEL'), seen.ordinal)) AS last_reason,
    countIf(seen.reason = 'WRONG_UNIT') > 0 AS is_wrong,
    countIf(seen.reason = 'RECOUNTED') > 0 AS is_recounted
FROM v_unit_events AS seen
LEFT ANY JOIN v_labels AS labels ON seen.unit_key = labels.label
WHERE
    seen.document = {document:String} AND has({steps:Array(String)}, seen.step) AND seen.reason != 'REDELIVERED'
    AND NOT (
        seen.step = 'COUNT'
        AND (
            seen.outcome = 'UNDECIDED'
            OR seen.reason IN ('MISKEYED', 'MISROUTED', 'BAD_IDENTIFIER', 'BAD_ORIGIN', 'FUTURE_TIME', 'BAD_TIME')
        )
    )
GROUP BY present, seen.step, seen.event_time, site
HAVING own > 0 OR countIf(seen.reason = 'RETRACTED') = 0
