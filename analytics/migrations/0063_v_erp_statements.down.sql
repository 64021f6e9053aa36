DROP VIEW IF EXISTS v_erp_statements;
