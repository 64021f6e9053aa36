-- Every unit that was sold: when first, when it first came back after that and why, what ended it.
-- Grain: one row per unit with an applied SELL or DISPENSE (ACCEPTED or FLAGGED).
-- Denominator: of shares of sold units: these rows. A RETURN before the first sale is none of a sold unit.
-- Reason: of the first return its attribute `reason`, else its condition; `returned` alone says nothing and is no reason.
-- Labels: a thing relabelled is one unit, its present one.
-- Late data: newest decisions; a sale or a return taken back makes no row, and no return.
CREATE VIEW IF NOT EXISTS v_sold_units AS
WITH units AS (
    SELECT
        item,
        serial,
        any(unit_key) AS unit_key,
        argMax(coalesce(toString(lot), ''), (event_time, ordinal)) AS lot,
        argMinIf(
            attributes.value[indexOf(attributes.name, 'supplier')], (event_time, ordinal),
            attributes.value[indexOf(attributes.name, 'supplier')] != ''
        ) AS supplier,
        argMinIf(
            attributes.value[indexOf(attributes.name, 'configuration')], (event_time, ordinal),
            attributes.value[indexOf(attributes.name, 'configuration')] != ''
        ) AS configuration,
        minIf(event_time, step IN ('SELL', 'DISPENSE')) AS sold_at,
        argMinIf(toString(site), (event_time, ordinal), step IN ('SELL', 'DISPENSE')) AS sold_site,
        arraySort(groupArrayIf(
            (
                event_time, ordinal, toString(site),
                if(
                    attributes.value[indexOf(attributes.name, 'reason')] != '',
                    attributes.value[indexOf(attributes.name, 'reason')],
                    if(coalesce(condition, '') = 'returned', '', coalesce(toString(condition), ''))
                )
            ),
            step = 'RETURN'
        )) AS returns,
        arraySort(groupArrayIf((event_time, ordinal, toString(step)), step IN ('RETIRE', 'DESTROY', 'REPLACE'))) AS ends
    FROM v_life_events
    WHERE outcome IN ('ACCEPTED', 'FLAGGED') AND step != 'VOID'
    GROUP BY item, serial
    HAVING countIf(step IN ('SELL', 'DISPENSE')) > 0
),

firsts AS (
    SELECT
        *,
        arrayFirst(back -> back.1 >= sold_at, returns) AS first_return,
        arrayExists(back -> back.1 >= sold_at, returns) AS has_returned,
        arrayFirst(gone -> gone.1 >= sold_at, ends) AS first_end,
        arrayExists(gone -> gone.1 >= sold_at, ends) AS has_ended
    FROM units
)

SELECT
    unit_key,
    item,
    serial,
    lot,
    supplier,
    configuration,
    sold_at,
    sold_site,
    if(has_returned, toNullable(first_return.1), NULL) AS returned_at,
    if(has_returned, first_return.3, '') AS return_site,
    if(has_returned, first_return.4, '') AS return_reason,
    if(has_ended, toNullable(first_end.1), NULL) AS ended_at,
    if(has_ended, first_end.3, '') AS ended_by
FROM firsts;

ALTER TABLE v_sold_units -- noqa: PRS
COMMENT COLUMN unit_key 'the unit, under its present label',
COMMENT COLUMN item 'class of the unit',
COMMENT COLUMN serial 'serial within the item',
COMMENT COLUMN lot 'lot or batch, empty where none is known',
COMMENT COLUMN supplier 'attribute `supplier` that a scan of the unit stated first; empty where none did',
COMMENT COLUMN configuration 'attribute `configuration` that a scan of the unit stated first; empty where none did',
COMMENT COLUMN sold_at 'event_time of its first applied SELL or DISPENSE',
COMMENT COLUMN sold_site 'site of that sale',
COMMENT COLUMN returned_at 'event_time of its first applied RETURN at or after the sale; NULL where it did not come back',
COMMENT COLUMN return_site 'site of that return, empty where none',
COMMENT COLUMN return_reason 'attribute `reason` of that return, else its condition (but not `returned`); empty where none',
COMMENT COLUMN ended_at 'event_time of its first RETIRE, DESTROY or REPLACE at or after the sale; NULL where none',
COMMENT COLUMN ended_by 'that step, empty where none',
MODIFY COMMENT 'Every unit sold: when, when and why it came back, what ended it';
