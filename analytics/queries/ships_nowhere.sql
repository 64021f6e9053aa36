-- Shipments that name no destination: what lead times leave out, for nobody can say where they should arrive.
-- Grain: one row.
-- Denominator: applied SHIP scans; `ships` is how many there are, `nowhere` how many of them name no destination.
-- Late data: newest decisions; scans after {data_end} are ignored.
SELECT
    toInt64(count()) AS ships,
    toInt64(countIf(coalesce(destination, '') = '')) AS nowhere
FROM v_life_events
WHERE outcome IN ('ACCEPTED', 'FLAGGED') AND step = 'SHIP' AND event_time <= {data_end:DateTime64(3, 'UTC')}
