-- How many of some acts are in the table: for who has sent them and waits until they can be read.
-- Grain: one row.
-- Denominator: none, a count; `places` are ordinals by partition, as partition * 2^44 + ordinal.
-- Late data: none, acts are never revised.
SELECT toInt64(count()) AS written
FROM acts
WHERE ordinal >= {first:UInt64} AND has({places:Array(UInt64)}, bitShiftLeft(toUInt64(`partition`), 44) + ordinal)
