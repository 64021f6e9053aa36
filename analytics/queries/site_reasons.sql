-- Why scans of one site were not simply accepted, in a time.
-- Grain: one row per outcome and reason but ACCEPTED without one; the most frequent first, with the newest unit as example.
-- Denominator: scans of the site received in ({since_ms}, {now_ms}], derived ones left out.
-- Late data: by received_at and as first decided.
SELECT
    toString(outcome) AS outcome,
    toString(reason) AS reason,
    toInt64(count()) AS scans,
    max(received_at) AS last_at,
    argMax(if(item = '', serial, concat(item, '/', serial)), received_at) AS unit_key
FROM unit_events
WHERE
    site = {site:String}
    AND received_at > fromUnixTimestamp64Milli({since_ms:Int64}, 'UTC')
    AND received_at <= fromUnixTimestamp64Milli({now_ms:Int64}, 'UTC')
    AND origin != 'DERIVED' AND (outcome != 'ACCEPTED' OR reason != 'NONE')
GROUP BY outcome, reason
ORDER BY scans DESC, outcome ASC, reason ASC
