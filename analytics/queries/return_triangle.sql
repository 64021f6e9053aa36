-- Units by the month of their first sale and of their first return after it: a warranty triangle.
-- Grain: one row per month of sale and month of return, months counted as 12 * year + month - 1; `returned` is null for those
--   that have not come back by {data_end}.
-- Denominator: units with an applied SELL or DISPENSE by {data_end}, of {item} where it is not empty; each once.
-- Labels: a thing relabelled is one unit, its present one; scans of retired labels count as what they were forwarded as.
-- Late data: by newest decision; scans after {data_end} are ignored.
WITH units AS (
    SELECT
        minIf(event_time, step IN ('SELL', 'DISPENSE')) AS first_sale,
        countIf(step IN ('SELL', 'DISPENSE')) AS sales,
        arrayFilter(
            moment -> moment >= first_sale, groupArrayIf(event_time, step = 'RETURN')
        ) AS came_back,
        if(empty(came_back), NULL, arrayMin(came_back)) AS first_return
    FROM v_life_events
    WHERE
        outcome IN ('ACCEPTED', 'FLAGGED') AND step IN ('SELL', 'DISPENSE', 'RETURN')
        AND {item:String} IN ('', item)
        AND event_time <= {data_end:DateTime64(3, 'UTC')}
    GROUP BY item, serial
    HAVING sales > 0
)

SELECT
    toInt64(12 * toYear(first_sale, 'UTC') + toMonth(first_sale, 'UTC') - 1) AS sold,
    12 * toYear(first_return, 'UTC') + toMonth(first_return, 'UTC') - 1 AS returned,
    toInt64(count()) AS units
FROM units
GROUP BY sold, returned
ORDER BY sold ASC, returned ASC
