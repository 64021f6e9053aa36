DROP VIEW IF EXISTS v_life_events;
