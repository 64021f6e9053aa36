DROP VIEW IF EXISTS v_genealogy;
