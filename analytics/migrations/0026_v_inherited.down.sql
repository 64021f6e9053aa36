DROP VIEW IF EXISTS v_inherited;
