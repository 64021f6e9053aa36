"""The worker: Faust hands out partitions and batches, each partition's ledger enforces them exactly once."""
