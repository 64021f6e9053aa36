DROP VIEW IF EXISTS v_reconciliation;
