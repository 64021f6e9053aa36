"""What is read out of the ledger: the warehouse's tables and views, the questions asked of them, the statistics."""
