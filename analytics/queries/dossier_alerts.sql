-- Every change of an alert of one unit: opened, acknowledged, closed, reopened, retracted, by whom and why.
-- Grain: one row per change.
-- Denominator: none, a list.
-- Late data: an alert that late data disproved has a row RETRACTED.
SELECT *
FROM alerts
WHERE subject = concat('unit:', {unit:String})
ORDER BY ordinal ASC, n ASC
