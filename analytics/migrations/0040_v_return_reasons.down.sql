DROP VIEW IF EXISTS v_return_reasons;
