DROP TABLE IF EXISTS unit_events;
