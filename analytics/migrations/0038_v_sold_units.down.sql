DROP VIEW IF EXISTS v_sold_units;
