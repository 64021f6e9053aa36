DROP VIEW IF EXISTS v_failure_rate;
