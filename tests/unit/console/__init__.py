"""Tests of the console's parts and of every refusal, without a browser, Kafka or ClickHouse."""
