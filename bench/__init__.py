"""The benchmark, and what it is run against."""
