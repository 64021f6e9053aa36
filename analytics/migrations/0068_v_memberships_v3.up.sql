-- When which unit was in which container, across labels: what a retired label was in, the unit that goes on is in.
-- Grain: one row per stay; `to` is NULL while the unit is in it, else when it was unpacked, packed elsewhere, sold,
-- installed, relabelled or ended, or began its next life (in the container that its COMMISSION names, if any). A derived scan
-- counts where it was forwarded from a retired label (then the 17th digit of its id is 4 or more), or where the container was
-- emptied or relabelled. Denominator: units with an applied scan that names a container.
-- Late data: by event_time and newest decisions, so a late or corrected PACK moves the limits of the stays it touches.
CREATE OR REPLACE VIEW v_memberships AS
WITH moves AS (
    SELECT
        unit_key,
        event_time,
        multiIf(step IN ('RETIRE', 'DESTROY'), 2, origin = 'DERIVED' AND substring(scan_id, 17, 1) < '4', 1, 0) AS rank,
        ordinal,
        step = 'COMMISSION' AND reason = 'NONE' AND state_before NOT IN ('', 'NONE') AS is_anew,
        if(
            step IN ('UNPACK', 'SELL', 'DISPENSE', 'INSTALL', 'RELABEL', 'RETIRE', 'DESTROY')
            OR (is_anew AND (rank = 1 OR coalesce(container, '') = unit_key)), '', coalesce(container, '')
        ) AS is_in,
        site,
        document
    FROM v_unit_events
    WHERE
        outcome IN ('ACCEPTED', 'FLAGGED') AND reason != 'RETIRED_LABEL'
        AND multiIf(
            step = 'UNPACK', coalesce(container != unit_key, TRUE),
            is_anew OR step IN ('RETIRE', 'DESTROY'), TRUE,
            rank = 1, step = 'PACK',
            step = 'RELABEL', coalesce(other_unit != unit_key, FALSE),
            step IN ('VOID', 'REMOVE', 'REPLACE'), FALSE,
            step IN ('SELL', 'DISPENSE', 'INSTALL'), TRUE,
            coalesce(container != unit_key, FALSE)
        )
    UNION ALL
    SELECT
        unit_key,
        since AS event_time,
        -1 AS rank,
        ordinal,
        FALSE AS is_anew,
        container AS is_in,
        site,
        NULL AS document
    FROM v_inherited
    WHERE container != ''
),

changes AS (
    SELECT
        *,
        lagInFrame(is_in, 1, '') OVER (
            PARTITION BY unit_key ORDER BY event_time ASC, rank ASC, ordinal ASC
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ) AS was_in
    FROM moves
),

stays AS (
    SELECT
        *,
        leadInFrame(toNullable(event_time), 1, NULL) OVER (
            PARTITION BY unit_key ORDER BY event_time ASC, rank ASC, ordinal ASC
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ) AS left_at
    FROM changes
    WHERE is_in != was_in
)

SELECT
    stays.unit_key AS member,
    stays.is_in AS container,
    stays.event_time AS `from`, -- noqa: RF06
    if(stays.left_at IS NULL AND coalesce(now.container, '') != stays.is_in, now.last_event_time, stays.left_at) AS `to`, -- noqa: RF06
    stays.site,
    stays.document
FROM stays
LEFT ANY JOIN v_unit_current AS now ON stays.unit_key = now.unit_key
WHERE stays.is_in != '';

ALTER TABLE v_memberships -- noqa: PRS
COMMENT COLUMN member 'unit key of the member',
COMMENT COLUMN container 'unit key of the container',
COMMENT COLUMN from 'event_time of the PACK',
COMMENT COLUMN to 'when it left, or was sold, installed or ended, or began its next life; NULL while it is in it',
COMMENT COLUMN site 'where it was packed',
COMMENT COLUMN document 'under which document',
MODIFY COMMENT 'When which unit was in which container';
