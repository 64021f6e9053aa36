-- Every scan of a thing under the unit that it is known by now, whatever label was read, now with what reports ask besides.
-- Grain: one row per scan, but those of labels already retired (RETIRED_LABEL): they are forwarded, and counted as that.
-- Whereabouts: what a state says of where a unit is: ON_HAND, IN_TRANSIT, WITH_CUSTOMER, INSTALLED, IN_SERVICE, FAILED,
-- ENDED, NONE (nothing has taken effect); OTHER for states of containers and places, and of lifecycles of one's own.
-- Denominator: as v_unit_events. Late data: newest decisions and labels; a RELABEL taken back parts the lives again.
CREATE OR REPLACE VIEW v_life_events AS
WITH lives AS (
    SELECT
        item,
        serial,
        unit_key,
        scan_id,
        step,
        event_time,
        site,
        destination,
        reader,
        lot,
        condition,
        flags_set,
        attributes,
        origin,
        outcome,
        reason,
        state_before,
        state_after,
        previous_site,
        received_at,
        `partition`,
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
        labels.unit_key,
        seen.scan_id,
        seen.step,
        seen.event_time,
        seen.site,
        seen.destination,
        seen.reader,
        seen.lot,
        seen.condition,
        seen.flags_set,
        seen.attributes,
        seen.origin,
        seen.outcome,
        seen.reason,
        seen.state_before,
        seen.state_after,
        seen.previous_site,
        seen.received_at,
        seen.`partition`,
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
        )
)

SELECT
    item,
    serial,
    step,
    event_time,
    site,
    lot,
    outcome,
    reason,
    ordinal,
    unit_key,
    scan_id,
    destination,
    reader,
    condition,
    flags_set,
    attributes,
    origin,
    state_before,
    state_after,
    multiIf(
        state_before IN (
            'COMMISSIONED', 'PACKED', 'STORED', 'RESERVED', 'PICKED', 'STAGED', 'ARRIVED', 'RECEIVED', 'HELD', 'RETURNED',
            'IN_REPAIR', 'IN_STORE'
        ), 'ON_HAND',
        state_before IN ('SOLD', 'DISPENSED'), 'WITH_CUSTOMER',
        state_before IN ('RETIRED', 'DESTROYED'), 'ENDED',
        state_before IN ('IN_TRANSIT', 'INSTALLED', 'IN_SERVICE', 'FAILED'), toString(state_before),
        state_before IN ('NONE', ''), 'NONE',
        'OTHER'
    ) AS whereabouts_before,
    multiIf(
        state_after IN (
            'COMMISSIONED', 'PACKED', 'STORED', 'RESERVED', 'PICKED', 'STAGED', 'ARRIVED', 'RECEIVED', 'HELD', 'RETURNED',
            'IN_REPAIR', 'IN_STORE'
        ), 'ON_HAND',
        state_after IN ('SOLD', 'DISPENSED'), 'WITH_CUSTOMER',
        state_after IN ('RETIRED', 'DESTROYED'), 'ENDED',
        state_after IN ('IN_TRANSIT', 'INSTALLED', 'IN_SERVICE', 'FAILED'), toString(state_after),
        state_after IN ('NONE', ''), 'NONE',
        'OTHER'
    ) AS whereabouts_after,
    previous_site,
    received_at,
    `partition`
FROM lives;
