DROP VIEW IF EXISTS v_memberships;
