"""What shows that the ledger is right: the chain from every input record to ClickHouse, proved from the data."""
