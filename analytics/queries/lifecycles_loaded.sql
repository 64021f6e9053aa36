-- The lifecycles that had been put in force by a time, each as its last load wrote it.
-- Grain: one row per name; none where only the built-in one has ever been in force.
-- Denominator: none, a look-up.
-- Late data: the last load that was applied in any partition by {known}.
SELECT
    subject AS lifecycle,
    argMax(content, received_at) AS content -- noqa: RF03
FROM acts
WHERE kind = 'LIFECYCLE' AND result = 'APPLIED' AND received_at <= {known:DateTime64(3, 'UTC')}
GROUP BY subject
ORDER BY subject
