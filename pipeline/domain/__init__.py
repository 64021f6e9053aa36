"""What a scan means for its unit: pure functions over columns, nothing but numpy and numba."""
