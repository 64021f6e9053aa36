DROP VIEW IF EXISTS v_expectations;
