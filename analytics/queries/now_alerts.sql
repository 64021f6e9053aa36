-- Alerts that wait for somebody: the most urgent kinds first, of each the newest, with how many there are of its kind.
-- Grain: one row per alert that is open or acknowledged, at most `most` of each kind; `ranks` is the urgency of `kinds`.
-- Denominator: none, a list; `of_kind` counts all of the kind, also those beyond `most`.
-- Late data: the newest change of an alert holds; one that a late scan disproved is not here.
WITH
newest AS (
    SELECT
        id,
        any(subject) AS subject,
        any(kind) AS kind,
        argMax(status, (ordinal, n)) AS status,
        argMin(site, (ordinal, n)) AS site,
        min(received_at) AS opened_at
    FROM alerts
    GROUP BY id
    HAVING status IN ('OPEN', 'ACKNOWLEDGED')
),

ranked AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY kind ORDER BY status DESC, opened_at DESC, id ASC) AS place,
        toInt64(count() OVER (PARTITION BY kind)) AS of_kind
    FROM newest
)

SELECT
    id,
    subject,
    toString(kind) AS kind,
    status,
    site,
    opened_at,
    of_kind,
    place,
    transform(kind, {kinds:Array(String)}, {ranks:Array(UInt8)}, 9) AS rank
FROM ranked
WHERE place <= {most:UInt32}
ORDER BY
    rank ASC,
    kind ASC,
    place ASC
