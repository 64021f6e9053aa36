-- Every unit as it stands now, now with what it belongs to, its flags and its expiry.
-- Grain: one row per unit. Denominator: units with at least one scan that left a fact.
-- Late data: a late scan or a correction has changed the row as soon as the worker has folded it.
CREATE OR REPLACE VIEW v_unit_current AS
SELECT
    unit_key,
    item,
    serial,
    lifecycle,
    state,
    site,
    custody,
    last_event_time,
    commissioned_at,
    shipped_at,
    sold_at,
    returned_at,
    failed_at,
    lot,
    if(expiry_days BETWEEN -25567 AND 120529, addDays(toDate32('1970-01-01'), expiry_days), NULL) AS expiry,
    container,
    parent,
    alias_of,
    flags,
    members,
    applied,
    rejected,
    open_alerts,
    sequence,
    `partition`,
    ordinal
FROM unit_state FINAL;
