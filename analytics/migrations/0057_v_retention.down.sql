DROP VIEW IF EXISTS v_retention;
