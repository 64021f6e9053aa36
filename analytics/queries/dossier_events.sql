-- Every scan of one unit with its verdict as first decided, nothing left out.
-- Grain: one row per scan.
-- Denominator: none, a list.
-- Late data: in the order of the ledger (ordinal); what later changed is in dossier_revisions.
SELECT *
FROM unit_events
WHERE item = {item:String} AND serial = {serial:String}
ORDER BY ordinal
