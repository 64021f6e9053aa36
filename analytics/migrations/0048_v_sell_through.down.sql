DROP VIEW IF EXISTS v_sell_through;
