-- Every scan of a thing under the unit that it is known by now, whatever label was read: the base of rates.
-- Grain: one row per scan, but those of labels already retired (RETIRED_LABEL): they are forwarded, and counted as that.
-- Denominator: as v_unit_events. Late data: newest decisions and labels; a RELABEL taken back parts the lives again.
CREATE OR REPLACE VIEW v_life_events AS
SELECT
    item,
    serial,
    step,
    event_time,
    site,
    lot,
    outcome,
    reason,
    ordinal
FROM v_unit_events
WHERE
    reason != 'RETIRED_LABEL'
    AND (item, serial) NOT IN (
        SELECT
            item,
            serial
        FROM v_labels
    )
UNION ALL
SELECT
    if(position(labels.unit_key, '/') = 0, '', arrayStringConcat(arrayPopBack(splitByChar('/', labels.unit_key)), '/')) AS item,
    arrayElement(splitByChar('/', labels.unit_key), -1) AS serial,
    seen.step,
    seen.event_time,
    seen.site,
    seen.lot,
    seen.outcome,
    seen.reason,
    seen.ordinal
FROM v_unit_events AS seen
INNER JOIN v_labels AS labels ON seen.unit_key = labels.label
WHERE
    seen.reason != 'RETIRED_LABEL'
    AND (seen.item, seen.serial) IN (
        SELECT
            item,
            serial
        FROM v_labels
    );
