DROP TABLE IF EXISTS sink_epochs;
