-- The units that a document names, each with the label that its thing has now.
-- Grain: one row per unit named.
-- Denominator: none, a list.
-- Late data: as v_expectations; labels as v_labels.
SELECT
    told.unit_key AS unit,
    if(labels.unit_key = '', told.unit_key, labels.unit_key) AS present,
    told.sale
FROM v_expectations AS told
LEFT ANY JOIN v_labels AS labels ON told.unit_key = labels.label
WHERE told.document = {document:String}
ORDER BY unit
