"""One partition's ledger, pure: records in, records out. The worker adds Kafka and a store, proof folds it afresh."""
