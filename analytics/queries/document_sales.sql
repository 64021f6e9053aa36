-- Under which documents the units of an RMA were sold or dispensed, under any label of theirs.
-- Stands on: document_expected
-- Grain: one row per applied SELL or DISPENSE of a unit of which the document says the sale, in the order of events.
-- Denominator: none, a list.
-- Late data: by newest decision; a unit that its container's sale merely drew along was not sold.
WITH sales AS (
    SELECT
        if(labels.unit_key = '', sold.unit_key, labels.unit_key) AS present,
        sold.event_time,
        sold.ordinal,
        coalesce(sold.document, '') AS document
    FROM v_unit_events AS sold
    LEFT ANY JOIN v_labels AS labels ON sold.unit_key = labels.label
    WHERE
        sold.step IN ('SELL', 'DISPENSE') AND sold.outcome IN ('ACCEPTED', 'FLAGGED') AND sold.reason != 'RETIRED_LABEL'
        AND NOT (sold.origin = 'DERIVED' AND sold.reason IN ('ILLEGAL_TRANSITION', 'RETURN_NOT_SOLD'))
)

SELECT
    sales.present,
    sales.event_time,
    sales.document
FROM sales
WHERE
    sales.present IN (
        SELECT document_expected.present
        FROM document_expected
        WHERE document_expected.sale != ''
    )
ORDER BY sales.present ASC, sales.event_time ASC, sales.ordinal ASC
