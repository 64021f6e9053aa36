DROP VIEW IF EXISTS v_deliveries;
