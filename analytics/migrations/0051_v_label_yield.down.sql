DROP VIEW IF EXISTS v_label_yield;
