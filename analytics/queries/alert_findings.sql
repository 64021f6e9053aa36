-- What findings stated about one subject, of one kind: the evidence of an alert that findings raised.
-- Grain: one row per statement, the newest first, at most `most`.
-- Denominator: none, a list.
-- Late data: a finding that holds no more has a later row with holds = false.
SELECT
    received_at,
    window_from,
    window_to,
    window_name,
    holds,
    evidence,
    result,
    reason,
    author,
    opening
FROM v_findings
WHERE subject = {subject:String} AND kind = {kind:String}
ORDER BY v_findings.ordinal DESC
LIMIT {most:UInt32}
