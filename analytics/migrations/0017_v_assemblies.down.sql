DROP VIEW IF EXISTS v_assemblies;
