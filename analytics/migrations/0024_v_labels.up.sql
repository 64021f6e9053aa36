-- Labels that were retired, each with the unit under which the thing goes on now: through all labels between.
-- Grain: one row per retired label (RELABEL). Denominator: units whose present life ended with a RELABEL that names another
-- unit. `labels` counts the steps from the label to the unit, at most 50.
-- Late data: as unit_state has it, so a RELABEL that was taken back makes no row.
CREATE VIEW IF NOT EXISTS v_labels AS
WITH RECURSIVE retired AS (
    SELECT
        unit_key AS label,
        item,
        serial,
        assumeNotNull(alias_of) AS next_label,
        last_event_time
    FROM v_unit_current
    WHERE alias_of IS NOT NULL
),

chain AS (
    SELECT
        label,
        item,
        serial,
        last_event_time,
        next_label,
        toUInt8(1) AS place
    FROM retired
    UNION ALL
    SELECT
        chain.label,
        chain.item,
        chain.serial,
        chain.last_event_time,
        retired.next_label,
        toUInt8(chain.place + 1) AS place
    FROM chain
    INNER JOIN retired ON chain.next_label = retired.label
    WHERE chain.place < 50 AND retired.next_label != chain.label
)

SELECT
    label,
    argMax(next_label, place) AS unit_key,
    any(item) AS item,
    any(serial) AS serial,
    any(last_event_time) AS since,
    max(place) AS labels
FROM chain
GROUP BY label;
