DROP VIEW IF EXISTS v_ledger_end;
