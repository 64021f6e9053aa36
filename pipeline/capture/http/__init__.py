"""Scans over HTTP: checked, put on the log, and a receipt for it; questions about receipts and units."""
