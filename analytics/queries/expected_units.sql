-- The units that a document expects.
-- Grain: one row per unit.
-- Denominator: none, a look-up; none where nobody told of the document.
-- Late data: what was told by now. Of acts by subject, not of v_expectations, which reads every document ever told.
SELECT DISTINCT JSONExtractString(pair, 1) AS unit_key
FROM acts
ARRAY JOIN JSONExtractArrayRaw(content, 'units') AS pair
WHERE kind = 'DOCUMENT' AND result = 'APPLIED' AND subject = {document:String}
ORDER BY unit_key
