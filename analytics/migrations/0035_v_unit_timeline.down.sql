DROP VIEW IF EXISTS v_unit_timeline;
