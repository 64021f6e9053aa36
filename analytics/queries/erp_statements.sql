-- What an ERP has stated to be on hand: when it was so, who loaded it, how much it names.
-- Grain: one row per statement that is whole; one of which a part is missing is in no row, and counts nowhere.
-- Denominator: none, a list.
-- Late data: does not matter, these are acts; one loaded later may be of an earlier time.
SELECT
    statement,
    as_of,
    loaded_at,
    author,
    quantities,
    parts
FROM v_erp_statements
WHERE {statement:String} = '' OR statement = {statement:String}
ORDER BY as_of DESC, loaded_at DESC, statement DESC
