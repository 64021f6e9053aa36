-- The units that a document expects.
-- Grain: one row per unit.
-- Denominator: none, a look-up; none where nobody told of the document.
-- Late data: what was told by now.
SELECT unit_key
FROM v_expectations
WHERE document = {document:String}
ORDER BY unit_key
