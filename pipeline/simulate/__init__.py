"""Supply chains with planted anomalies and their truth."""
