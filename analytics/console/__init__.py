"""The console: what the ledger knows, in a browser, and the acts of people on it."""
