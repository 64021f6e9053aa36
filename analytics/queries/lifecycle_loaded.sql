-- The lifecycle of a name as it was last put in force by a time, as the load wrote it.
-- Grain: one row, none where only the built-in one has ever been in force.
-- Denominator: none, a look-up.
-- Late data: the last load that was applied in any partition by {known}.
SELECT content
FROM acts
WHERE kind = 'LIFECYCLE' AND result = 'APPLIED' AND subject = {lifecycle:String} AND received_at <= {known:DateTime64(3, 'UTC')}
ORDER BY received_at DESC
LIMIT 1
