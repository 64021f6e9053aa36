"""The ledger's rules once more, in plain Python that shares no code with the pipeline: what tests compare it with."""
