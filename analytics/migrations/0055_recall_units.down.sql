DROP TABLE IF EXISTS recall_units;
