-- The units on the list of a recall: those affected when it was started, and those that had joined when it was closed.
-- Grain: one row per recall and unit when read with FINAL. Written once, by whoever starts or closes the recall, before the
-- act in `acts` that holds the list's hash: a list without that act is of no recall. Never changed.
CREATE TABLE IF NOT EXISTS recall_units
(
    recall String COMMENT 'id of the recall',
    has_joined Bool COMMENT 'it was not affected when the recall was started, but when it was closed',
    unit_key String COMMENT 'the unit, by the label it had then',
    item LowCardinality(String) COMMENT 'of the unit',
    serial String COMMENT 'of the unit',
    lot LowCardinality(String) COMMENT 'of the unit; empty where none is known',
    holds_now Bool COMMENT 'it held something bad when the list was made; else it had held it before',
    held_from Array(Nullable(DateTime64(3, 'UTC'))) COMMENT 'since when, of each interval; NULL from its beginning',
    held_to Array(Nullable(DateTime64(3, 'UTC'))) COMMENT 'until when, of each interval; NULL it held it still'
)
ENGINE = ReplacingMergeTree
ORDER BY (recall, has_joined, item, serial)
COMMENT 'The units on the list of a recall';
