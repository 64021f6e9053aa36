-- Every unit as it stands now.
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
    applied,
    rejected,
    open_alerts,
    sequence,
    `partition`,
    ordinal
FROM unit_state FINAL;
