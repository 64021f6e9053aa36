-- What is known of one document: who told of it, when, at which place.
-- Grain: one row, none where nobody told of it.
-- Denominator: none, a look-up.
-- Late data: told several times, the latest place holds.
SELECT
    subject AS document,
    argMaxIf(JSONExtractString(content, 'site'), received_at, JSONExtractString(content, 'site') != '') AS site,
    argMaxIf(JSONExtractString(content, 'location'), received_at, JSONExtractString(content, 'location') != '') AS location,
    argMax(author, received_at) AS author,
    min(received_at) AS told_at
FROM acts
WHERE kind = 'DOCUMENT' AND result = 'APPLIED' AND subject = {document:String}
GROUP BY subject
