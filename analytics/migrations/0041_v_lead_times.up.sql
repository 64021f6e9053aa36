-- Every shipment of a unit to a named site: when it left, when it was received there, or what else became of it.
-- Grain: one row per unit and applied SHIP that names its destination. A SHIP on the way to the same destination is a leg of
--   the same shipment, and so is one that names none, from anywhere but the destination.
-- End: RECEIVED is a RECEIVE at the destination, ELSEWHERE one at another site, else the step that ended it: a SHIP to another
--   destination, CANCEL_SHIPMENT, RETURN, SELL, DISPENSE, INSTALL, REPLACE, RETIRE, DESTROY; closed_at is NULL until then.
-- Denominator: of lead times: all rows; those not RECEIVED are censored when they ended, or at the end of the ledger.
-- Late data: newest decisions, by event_time: a RECEIVE that comes late closes the shipment when it was.
CREATE VIEW IF NOT EXISTS v_lead_times AS
WITH units AS (
    SELECT
        any(unit_key) AS unit_key,
        item,
        serial,
        argMinIf(
            attributes.value[indexOf(attributes.name, 'supplier')], (event_time, ordinal),
            attributes.value[indexOf(attributes.name, 'supplier')] != ''
        ) AS supplier,
        arraySort(groupArrayIf(
            (
                event_time, step IN ('RETIRE', 'DESTROY'), ordinal, toString(step), toString(site),
                if(step = 'SHIP', coalesce(toString(destination), ''), '')
            ),
            step IN (
                'SHIP', 'RECEIVE', 'CANCEL_SHIPMENT', 'RETURN', 'SELL', 'DISPENSE', 'INSTALL', 'REPLACE', 'RETIRE', 'DESTROY'
            )
        )) AS moves
    FROM v_life_events
    WHERE outcome IN ('ACCEPTED', 'FLAGGED') AND step != 'VOID'
    GROUP BY item, serial
    HAVING countIf(step = 'SHIP' AND destination != '') > 0
),

folded AS (
    SELECT
        unit_key,
        item,
        serial,
        supplier,
        -- the shipments that ended, and the one on its way: shipped_at, site, destination, closed_at, closed_by
        arrayFold(
            (so_far, move) -> if(
                so_far.2.3 != '' AND move.4 = 'SHIP' AND (move.6 = so_far.2.3 OR (move.6 = '' AND move.5 != so_far.2.3)),
                so_far,
                (
                    if(
                        so_far.2.3 = '',
                        so_far.1,
                        arrayPushBack(so_far.1, (
                            so_far.2.1, so_far.2.2, so_far.2.3, toNullable(move.1),
                            multiIf(move.4 != 'RECEIVE', move.4, move.5 = so_far.2.3, 'RECEIVED', 'ELSEWHERE')
                        ))
                    ),
                    (move.1, move.5, move.6, CAST(NULL AS Nullable(DateTime64(3, 'UTC'))), '')
                )
            ),
            moves,
            CAST(
                ([], (toDateTime64(0, 3, 'UTC'), '', '', NULL, '')),
                'Tuple(Array(Tuple(DateTime64(3, \'UTC\'), String, String, Nullable(DateTime64(3, \'UTC\')), String)), Tuple(DateTime64(3, \'UTC\'), String, String, Nullable(DateTime64(3, \'UTC\')), String))'
            )
        ) AS found
    FROM units
)

SELECT
    unit_key,
    item,
    serial,
    supplier,
    shipment.2 AS site,
    shipment.3 AS destination,
    shipment.1 AS shipped_at,
    shipment.4 AS closed_at,
    shipment.5 AS closed_by
FROM folded
ARRAY JOIN if(found.2.3 = '', found.1, arrayPushBack(found.1, found.2)) AS shipment;

ALTER TABLE v_lead_times -- noqa: PRS
COMMENT COLUMN unit_key 'the unit, under its present label',
COMMENT COLUMN item 'class of the unit',
COMMENT COLUMN serial 'serial within the item',
COMMENT COLUMN supplier 'attribute `supplier` that a scan of the unit stated first; empty where none did',
COMMENT COLUMN site 'where it was shipped from',
COMMENT COLUMN destination 'the site it was shipped to',
COMMENT COLUMN shipped_at 'event_time of the SHIP that began it',
COMMENT COLUMN closed_at 'when it was received or ended otherwise; NULL while it is on its way',
COMMENT COLUMN closed_by 'RECEIVED, ELSEWHERE (received at another site), else the step that ended it; empty while it is on its way',
MODIFY COMMENT 'Every shipment of a unit to a named site';
