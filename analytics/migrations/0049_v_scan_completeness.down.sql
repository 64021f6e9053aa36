DROP VIEW IF EXISTS v_scan_completeness;
