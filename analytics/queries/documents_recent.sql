-- Documents that somebody told of, or that scans named, of late.
-- Grain: one row per document, the newest first, at most {most}.
-- author: who told of it last; empty where nobody did.
-- Denominator: documents told of at any time, and those named by scans received after {since_ms}.
-- Late data: by received_at; scans of every outcome name their document.
SELECT
    named.name AS document,
    max(at) AS last_at,
    toInt64(sum(scans)) AS scans,
    toInt64(sum(units)) AS units,
    max(told_by) AS author
FROM (
    SELECT
        assumeNotNull(document) AS name,
        max(received_at) AS at,
        toInt64(count()) AS scans,
        toInt64(uniqExact(item, serial)) AS units,
        '' AS told_by
    FROM unit_events
    WHERE
        document IS NOT NULL AND received_at > fromUnixTimestamp64Milli({since_ms:Int64}, 'UTC')
        AND document != '' AND origin != 'DERIVED'
    GROUP BY name
    UNION ALL
    SELECT
        subject AS name,
        max(received_at) AS at,
        toInt64(0) AS scans,
        toInt64(0) AS units,
        argMax(author, received_at) AS told_by
    FROM acts
    WHERE kind = 'DOCUMENT' AND result = 'APPLIED'
    GROUP BY subject
) AS named
GROUP BY named.name
ORDER BY last_at DESC, document ASC
LIMIT {most:UInt32}
