"""Bytes to columns and back: the schema catalogue, the framing, one module per record."""
