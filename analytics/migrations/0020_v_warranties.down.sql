DROP VIEW IF EXISTS v_warranties;
