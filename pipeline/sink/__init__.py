"""From the worker's topics to ClickHouse: every row once, whoever dies when."""
