-- Recalls, the newest first; of one, or of all where none is named.
-- Grain: one row per recall that was started.
-- Denominator: none, a look-up.
-- Late data: does not matter, these are acts.
SELECT *
FROM v_recalls
WHERE {recall:String} = '' OR recall = {recall:String}
ORDER BY started_at DESC, recall ASC;
