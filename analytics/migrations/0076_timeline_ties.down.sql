-- What was seen of each unit, in order, with what the ledger first made of each scan and what it makes of it now.
-- Grain: one row per scan, repeated and rejected ones included; name a unit_key, and order by place.
-- Denominator: none, a list.
-- Late data: place is that of event_time, so a late scan stands where it belongs; where it changed earlier decisions,
--   first_outcome and first_reason differ from outcome and reason, and revised_at says when that became known.
CREATE OR REPLACE VIEW v_unit_timeline AS
SELECT
    unit_key,
    item,
    serial,
    row_number() OVER (PARTITION BY item, serial ORDER BY event_time ASC, ordinal ASC) AS place,
    event_time,
    step,
    site,
    location,
    reader,
    destination,
    document,
    container,
    lot,
    outcome,
    reason,
    state_before,
    state_after,
    first_outcome,
    first_reason,
    revised_at,
    received_at,
    origin,
    scan_id
FROM v_unit_events;

ALTER TABLE v_unit_timeline -- noqa: PRS
COMMENT COLUMN unit_key 'item/serial, or serial alone where item is empty',
COMMENT COLUMN item 'class of the unit',
COMMENT COLUMN serial 'serial within the item',
COMMENT COLUMN place '1, 2, … in the order of event_time',
COMMENT COLUMN event_time 'when it was seen, the site''s claim',
COMMENT COLUMN step 'business step (CBV)',
COMMENT COLUMN site 'where it was seen',
COMMENT COLUMN location 'place within the site',
COMMENT COLUMN reader 'the device that read it',
COMMENT COLUMN destination 'the site a shipment goes to',
COMMENT COLUMN document 'asn:…, order:…, rma:…, count:…',
COMMENT COLUMN container 'unit key of the container',
COMMENT COLUMN lot 'lot of the unit after this scan',
COMMENT COLUMN outcome 'what the ledger makes of it now: ACCEPTED, FLAGGED, REPEATED, REJECTED, UNDECIDED',
COMMENT COLUMN reason 'why; NONE where nothing is remarkable',
COMMENT COLUMN state_before 'state of the unit before the scan',
COMMENT COLUMN state_after 'state of the unit after it',
COMMENT COLUMN first_outcome 'outcome as first decided',
COMMENT COLUMN first_reason 'reason as first decided',
COMMENT COLUMN revised_at 'when the newest decision became known; NULL where the first holds',
COMMENT COLUMN received_at 'the broker''s append time of the scan',
COMMENT COLUMN origin 'DEVICE, IMPORT, DERIVED, CORRECTION',
COMMENT COLUMN scan_id 'chosen by the sender, unique per reading',
MODIFY COMMENT 'What was seen of each unit, in order';
