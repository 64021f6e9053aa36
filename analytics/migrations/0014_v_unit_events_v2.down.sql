-- Every scan with its newest decision: the base of all questions.
-- Grain: one row per scan (of unit_events). Denominator of any rate: pick by outcome, all outcomes are here.
-- Late data: where a later record changed a decision, the revision with the highest sequence holds; first_outcome and
-- first_reason keep what was decided at first, revised_at says when (received_at of the cause) it became known.
CREATE OR REPLACE VIEW v_unit_events AS
WITH newest AS (
    SELECT
        `partition`,
        ordinal,
        caused_by,
        outcome AS new_outcome,
        reason AS new_reason,
        state_before AS new_state_before,
        state_after AS new_state_after,
        sequence AS new_sequence,
        previous_site AS new_previous_site,
        previous_event_time AS new_previous_event_time,
        commissioned_at AS new_commissioned_at,
        shipped_at AS new_shipped_at,
        sold_at AS new_sold_at,
        returned_at AS new_returned_at,
        failed_at AS new_failed_at,
        rules_version AS new_rules_version,
        reference_version AS new_reference_version,
        received_at AS revised_at
    FROM unit_revisions
    ORDER BY `partition` ASC, ordinal ASC, sequence DESC
    LIMIT 1 BY `partition`, ordinal
)

SELECT
    scan_id,
    if(item = '', serial, concat(item, '/', serial)) AS unit_key,
    item,
    serial,
    step,
    event_time,
    capture_time,
    site,
    destination,
    location,
    reader,
    operator,
    document,
    container,
    other_unit,
    scan_lot,
    if(expiry_days BETWEEN -25567 AND 120529, addDays(toDate32('1970-01-01'), expiry_days), NULL) AS expiry,
    condition,
    origin,
    corrects,
    source,
    receipt,
    attributes,
    if(caused_by > 0, new_outcome, first_decided.outcome) AS outcome,
    if(caused_by > 0, new_reason, first_decided.reason) AS reason,
    if(caused_by > 0, new_state_before, first_decided.state_before) AS state_before,
    if(caused_by > 0, new_state_after, first_decided.state_after) AS state_after,
    if(caused_by > 0, new_sequence, first_decided.sequence) AS sequence,
    if(caused_by > 0, new_previous_site, first_decided.previous_site) AS previous_site,
    if(caused_by > 0, new_previous_event_time, first_decided.previous_event_time) AS previous_event_time,
    if(caused_by > 0, new_commissioned_at, first_decided.commissioned_at) AS commissioned_at,
    if(caused_by > 0, new_shipped_at, first_decided.shipped_at) AS shipped_at,
    if(caused_by > 0, new_sold_at, first_decided.sold_at) AS sold_at,
    if(caused_by > 0, new_returned_at, first_decided.returned_at) AS returned_at,
    if(caused_by > 0, new_failed_at, first_decided.failed_at) AS failed_at,
    lot,
    if(caused_by > 0, new_rules_version, first_decided.rules_version) AS rules_version,
    if(caused_by > 0, new_reference_version, first_decided.reference_version) AS reference_version,
    received_at,
    topic,
    `partition`,
    offset,
    ordinal,
    first_decided.outcome AS first_outcome,
    first_decided.reason AS first_reason,
    caused_by AS revised_by,
    if(caused_by > 0, newest.revised_at, NULL) AS revised_at
FROM unit_events AS first_decided
LEFT ANY JOIN newest USING (`partition`, ordinal);
