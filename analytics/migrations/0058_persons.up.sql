-- Who an owner is: the persons behind the pseudonyms of TRANSFER scans, apart from everything that is counted.
-- Grain: one row per pseudonym when read with FINAL. No question of the ledger reads it, so that its rows may be deleted.
CREATE TABLE IF NOT EXISTS persons
(
    owner String COMMENT 'the pseudonym, as v_owners has it',
    person String COMMENT 'who that is',
    author LowCardinality(String) COMMENT 'who said so',
    at DateTime64(3, 'UTC') COMMENT 'when; the newest word holds'
)
ENGINE = ReplacingMergeTree(at)
ORDER BY owner
COMMENT 'Who an owner is: the persons behind pseudonyms';
