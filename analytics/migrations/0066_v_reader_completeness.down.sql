DROP VIEW IF EXISTS v_reader_completeness;
