"""The command line: one verb per file, parsing and wiring only."""
