DROP VIEW IF EXISTS v_findings;
