DROP VIEW IF EXISTS v_lead_times;
