DROP VIEW IF EXISTS v_manual_entry;
