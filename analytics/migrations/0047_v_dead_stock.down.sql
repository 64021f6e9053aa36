DROP VIEW IF EXISTS v_dead_stock;
