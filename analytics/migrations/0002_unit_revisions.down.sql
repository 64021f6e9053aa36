DROP TABLE IF EXISTS unit_revisions;
