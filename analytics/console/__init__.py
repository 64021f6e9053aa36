"""The console: pages in the browser for people who act on what the ledger says."""
