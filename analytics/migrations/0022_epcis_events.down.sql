DROP TABLE IF EXISTS epcis_events;
